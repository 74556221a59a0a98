"""The integrated record of a patient at a site: what the region knows, and without it what the site knows itself."""
