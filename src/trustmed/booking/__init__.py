"""Booking, alike at a site and at the region: what is asked and answered, refusals, and the shares of slots."""
