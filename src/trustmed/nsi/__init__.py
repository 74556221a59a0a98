"""Reference data (НСИ) to be looked up, alike at a site in its replica and at the region."""
