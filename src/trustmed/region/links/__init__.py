"""The state of the region as its staff see it: links, change feed, parts, newest registrations."""
