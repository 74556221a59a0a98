"""Booking as sites and the region share it: requests, bookings, refusals, and the region's share of slots."""
