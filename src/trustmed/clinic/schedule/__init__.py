"""A site's schedule: whom one books with, weekly hours, and slots made out of them."""
