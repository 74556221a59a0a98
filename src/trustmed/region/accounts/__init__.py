"""Who may enter the region: client systems by token, the region's staff by password."""
