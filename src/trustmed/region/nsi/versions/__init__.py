"""Versions of dictionaries the region holds: which is in force, changing that, and which site has which."""
