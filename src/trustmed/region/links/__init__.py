"""The state of the region as its staff see it: links, feed, parts, newest registrations."""
