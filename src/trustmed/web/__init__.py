"""Code that the pages and interfaces of a site and of the region share: sessions, languages, errors, layout."""
