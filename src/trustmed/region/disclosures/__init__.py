"""Who looked into a person's record, consents, notices of emergency access: what a citizen is told."""
