-- name: slots
-- The slots that carry this database to the region. Positions are bytes from the log's start.
select slot_name, active, pg_wal_lsn_diff(confirmed_flush_lsn, '0/0')::bigint as confirmed
from pg_replication_slots
where database = current_database() and slot_type = 'logical' and slot_name ~ %(pattern)s;

-- name: log_position
-- The database's clock and the end of its log on disk: everything acknowledged lies before it.
select clock_timestamp() as at, pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint as position;

-- name: marks
-- Stored marks of a database's log, the oldest first.
select at, pg_wal_lsn_diff(lsn, '0/0')::bigint as position
from clinic.mark
where database = %(database)s
order by at;

-- name: keep_mark
-- Store a mark.
insert into clinic.mark (database, at, lsn)
values (%(database)s, %(at)s, '0/0'::pg_lsn + %(position)s::numeric)
on conflict (database, at) do nothing;

-- name: drop_marks
-- Drop the marks before a moment: the region has passed them.
delete from clinic.mark where database = %(database)s and at < %(at)s;

-- name: waiting
-- How many documents of an organisation were signed since a moment, given as the least event id of that moment.
select count(*) from registry.document_event where organization_id = %(organization_id)s and id >= %(since)s;
