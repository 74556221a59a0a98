"""The official rules for documents at a site: the installed pack and its verdicts."""
