"""The change feed: what was committed in the databases of the region, in commit order, to effects. It knows no room."""
