"""Look up dictionaries on pages and by programs, the same at a site and at the region."""
