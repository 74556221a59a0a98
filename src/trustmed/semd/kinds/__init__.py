"""Kinds of documents: one file a kind."""
