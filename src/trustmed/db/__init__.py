"""PostgreSQL: connections and pools, named queries, migrations."""
