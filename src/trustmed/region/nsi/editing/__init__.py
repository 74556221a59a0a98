"""The region's own dictionaries: edited as drafts, made into versions, then published like any other."""
