"""Facts of documents: read out of the bodies that came to a shard, kept beside them for the integrated record."""
