"""Decide whether two records are of one person. Pure rules and weights; the region's index does the storing.

A weight stands in `models/<version>.json`, which `train` makes (docs/matching.md); the packaged one is named in
`model.PACKAGED`. Levels and conflicts are found by `compare`.
"""
