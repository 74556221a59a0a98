"""The ministry's rules of documents: packs of schematrons, and checking against them."""
