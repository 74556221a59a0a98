-- When a document's metadata came to the region. Only here: no link carries the column, so each row gets this
-- database's own clock. Rows that were here before the column keep no time: it is not known.

alter table registry.document add column arrived_at timestamptz;
alter table registry.document alter column arrived_at set default clock_timestamp();
