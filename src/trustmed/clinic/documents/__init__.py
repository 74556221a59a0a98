"""Documents: written, previewed, signed, read."""
