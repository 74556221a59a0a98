-- name: slot
-- The feed's slot of this database; no row if there is none.
select confirmed_flush_lsn::text, active, active_pid, coalesce(invalidation_reason, '') as invalidation_reason,
       pg_current_wal_lsn()::text as wal_lsn
from pg_replication_slots where slot_name = %(slot)s and database = current_database();

-- name: publication
-- A mark of how each table is published: another mark means that it was removed and added again. Null: not published.
select t.name, p.oid::text || '.' || r.oid::text || '.' || p.pubviaroot::text as mark
from unnest(%(tables)s::text[]) as t(name)
left join pg_publication p on p.pubname = %(publication)s and p.pubinsert and p.pubupdate and p.pubviaroot
left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = to_regclass(t.name)
order by t.name;

-- name: positions
-- The position of each consumer in this database.
select consumer, lsn::text as lsn, publication from feed.position;

-- name: save_position
-- Never move backwards: a reader that lost the slot may still be finishing a batch. A saved position clears the error.
insert into feed.position as p (consumer, lsn, changes, publication)
values (%(consumer)s, %(lsn)s::pg_lsn, %(changes)s, %(publication)s)
on conflict (consumer) do update set
    lsn = greatest(p.lsn, excluded.lsn), at = clock_timestamp(), changes = p.changes + excluded.changes,
    publication = excluded.publication, last_error = null, last_error_at = null;

-- name: begin_anew
-- Store the position after a rebuild, wherever the consumer stood before.
insert into feed.position as p (consumer, lsn, publication) values (%(consumer)s, %(lsn)s::pg_lsn, %(publication)s)
on conflict (consumer) do update set
    lsn = excluded.lsn, at = clock_timestamp(), publication = excluded.publication,
    last_error = null, last_error_at = null;

-- name: forget_position
-- Without a position the consumer is rebuilt when the feed's next session starts.
delete from feed.position where consumer = %(consumer)s;

-- name: save_error
-- Store what holds the consumer up, at position 0/0 if it has none yet.
insert into feed.position (consumer, lsn, last_error, last_error_at)
values (%(consumer)s, '0/0', %(error)s, clock_timestamp())
on conflict (consumer) do update set last_error = excluded.last_error, last_error_at = excluded.last_error_at;

-- name: park
-- Park a change whose effect failed, or that waits behind such a change.
insert into feed.parked (consumer, lsn, relation, key, change, error, attempts, next_try_at)
values (%(consumer)s, %(lsn)s::pg_lsn, %(relation)s, %(key)s, %(change)s::jsonb, %(error)s, %(attempts)s,
        clock_timestamp() + make_interval(secs => %(wait)s));

-- name: parked_keys
-- The keys whose later changes must wait.
select consumer, key from feed.parked group by consumer, key;

-- name: parked_due
-- The oldest change of each key, and whether its time has come.
select distinct on (key) id, key, change::text as change, attempts, next_try_at <= clock_timestamp() as due
from feed.parked where consumer = %(consumer)s order by key, id;

-- name: parked_of_key
-- All parked changes of one key, in commit order.
select id, change::text as change, attempts from feed.parked
where consumer = %(consumer)s and key = %(key)s order by id;

-- name: unpark
-- Forget a parked change whose effect is done.
delete from feed.parked where id = %(id)s;

-- name: postpone
-- Put off a parked change that failed again.
update feed.parked set attempts = attempts + 1, error = %(error)s,
       next_try_at = clock_timestamp() + make_interval(secs => %(wait)s)
where id = %(id)s;

-- name: retry_parked
-- Let the feed try parked changes now.
update feed.parked set next_try_at = clock_timestamp() where %(consumer)s::text is null or consumer = %(consumer)s;

-- name: status_positions
-- For people: every consumer with its position, backlog and error.
select p.consumer, p.lsn::text as lsn, p.at, p.changes, p.last_error, p.last_error_at,
       greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), p.lsn), 0)::bigint as behind_bytes,
       (select count(*) from feed.parked k where k.consumer = p.consumer) as parked,
       (select k.error from feed.parked k where k.consumer = p.consumer order by k.id limit 1) as parked_error
from feed.position p order by p.consumer;

-- name: status_slot
-- For people: the slot itself.
select active, greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint as behind_bytes,
       coalesce(invalidation_reason, '') as invalidation_reason
from pg_replication_slots where slot_name = %(slot)s and database = current_database();

-- name: wal_lsn
-- The end of this server's flushed WAL.
select pg_current_wal_flush_lsn()::text;

-- name: clear_error
-- Clear the error of a consumer whose source is read again.
update feed.position set last_error = null, last_error_at = null, at = clock_timestamp()
where consumer = %(consumer)s and last_error is not null;

-- name: snapshot
-- The present snapshot: which transactions are visible.
select pg_current_snapshot()::text;
