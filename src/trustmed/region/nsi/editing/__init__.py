"""The region's own dictionaries: edited as drafts, made into versions, then published as any other."""
