"""Watching links: probes, the verdict of each link, causes in words."""
