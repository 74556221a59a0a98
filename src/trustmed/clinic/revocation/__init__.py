"""Revocation lists that the region has carried to the site, beside those of the site's own trust folder."""
