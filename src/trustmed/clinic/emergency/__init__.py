"""Emergency access to this organisation's patients, as its head sees it: by its own staff and by others elsewhere."""
