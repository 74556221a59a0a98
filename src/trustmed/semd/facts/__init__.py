"""Extract what any CDA document says in codes."""
