"""Booking at a site: of the slots it owns, for its own patients, with or without the region."""
