"""Who may read a person's rows: only on a ground, and only with a row in the audit log."""
