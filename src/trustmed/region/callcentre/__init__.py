"""The call centre's pages: find the caller, show their bookings; book, move and cancel for them."""
