"""Comparing the two ends of a link: their shape, and the rows that lately went through it."""
