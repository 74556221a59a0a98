"""Emergency access to patients of this organisation, as its head sees it: by the own staff, and by others elsewhere."""
