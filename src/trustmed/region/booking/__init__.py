"""Booking at the region: one service for the call centre, the portal and the federal level, and what the feed does."""
