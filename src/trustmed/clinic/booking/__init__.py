"""Book the slots a site owns, for the site's own patients, with or without the region."""
