"""Dictionaries at a site, looked up in its own replica and so also while the region is unreachable."""
