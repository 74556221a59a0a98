"""Revocation lists of the region's trust folder, carried to the sites the way dictionaries travel."""
