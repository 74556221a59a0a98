"""The site's link with the region, seen from the site alone: its databases' slots, and what still waits in them."""
