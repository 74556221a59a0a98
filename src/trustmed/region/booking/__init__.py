"""Booking at the region: one service for the call centre, the portal and the federal level, and what the feed does.

`quotas`: the region's shares of slots, set by command; sites follow them (`clinic.shares`).
"""
