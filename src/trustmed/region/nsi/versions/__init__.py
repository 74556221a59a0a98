"""Versions of dictionaries the region holds: what is in force, turning, who has what."""
