"""PostgreSQL's own replication as a carrier: slots, subscriptions, marks, copies made equal."""
