"""Reference data (НСИ) at the region: import, versions, publication, and which version each site has reached."""
