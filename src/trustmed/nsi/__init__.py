"""Look up reference data (НСИ): the same code serves a site, in its replica, and the region."""
