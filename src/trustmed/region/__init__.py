"""The region: the register, the integrated record, the index of persons, the change feed, the portal's interface."""
