"""Bodies and signatures of documents, read from the shard of the organisation that signed."""
