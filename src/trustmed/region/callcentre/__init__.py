"""The call centre's pages: finding who calls, their bookings, booking, moving and cancelling for them."""
