"""The ministry's rules of documents: load a pack of schematrons, check documents against it."""
