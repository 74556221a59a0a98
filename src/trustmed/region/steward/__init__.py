"""The stewards of the patient index: they look at persons and decide, and the matcher never overrules them."""
