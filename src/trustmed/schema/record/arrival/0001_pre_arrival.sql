-- When a row came to the region. Only here: no link carries the column, so each row gets this database's own clock.
-- The default is set apart from the column: rows that were here before it keep no time, which is not known.

alter table record.visit add column arrived_at timestamptz;
alter table record.visit alter column arrived_at set default clock_timestamp();
alter table record.fact add column arrived_at timestamptz;
alter table record.fact alter column arrived_at set default clock_timestamp();
