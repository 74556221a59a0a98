"""The official rules for documents at a site: the installed pack, and what it said of which bytes."""
