"""The change feed of the region: what was committed in its databases, in commit order, to whoever needs to know."""
