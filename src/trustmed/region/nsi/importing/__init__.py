"""Import versions of dictionaries into the region, from files or from the federal service."""
