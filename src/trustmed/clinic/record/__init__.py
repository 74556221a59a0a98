"""The integrated record of a patient at a site: what the region knows or, without the region, what the site knows."""
