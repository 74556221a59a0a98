"""Pages of the dictionaries the region holds."""
