"""A site's schedule: the doctors and rooms to be booked, their weekly hours, and the slots made from the hours."""
