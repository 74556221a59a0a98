"""Reference data (НСИ) at the region: import, versions, publication, and how far each site has got."""
