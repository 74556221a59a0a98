"""What documents say in codes, read out of any CDA."""
