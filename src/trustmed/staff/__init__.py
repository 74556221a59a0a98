"""Accounts of staff, of a site or of the region: who may sign in, as what, and their sessions.

`service` is used by commands and pages alike; what differs between a site and the region is in an `Office`.
"""
