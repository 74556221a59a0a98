"""The site's link with the region as seen from the site alone: its databases' slots, and the documents that wait."""
