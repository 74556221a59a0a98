-- By СНИЛС a site looks for bookings of known persons as well: the link of card and person may come after the booking.
create index region_booking_of_snils on booking.region_booking (snils, starts_at);
drop index booking.region_booking_snils;
