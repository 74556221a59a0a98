"""Decide whether two records are of one person. Pure rules and weights; the region's index does the storing."""
