"""The region: the registry, the integrated record, the index of persons, the change feed, the portal's interface."""
