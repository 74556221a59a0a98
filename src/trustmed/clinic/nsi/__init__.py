"""Dictionaries at a site: looked up in its own replica, so also while the region is out of reach."""
