"""The site's link with the region as seen from the site alone: the replication slots of its databases, and the
documents that wait.
"""
