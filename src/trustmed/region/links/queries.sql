-- name: link_states
-- What the monitor last saw of every link.
select link, source, target, site, state, lag_ms, lag_bytes, lag_rows, cause, error_ru, error_en, action_ru, action_en,
    since, checked_at
from monitor.link_state;

-- name: feed_positions
-- Where the change feed of this database stands, how far it lags behind the log, how much waits for another try.
select p.consumer, p.at, p.changes, p.last_error, p.last_error_at,
    greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), p.lsn), 0)::bigint as lag_bytes,
    (select count(*) from feed.parked k where k.consumer = p.consumer) as parked,
    (select min(k.next_try_at) from feed.parked k where k.consumer = p.consumer) as next_try_at
from feed.position p
order by p.consumer;
