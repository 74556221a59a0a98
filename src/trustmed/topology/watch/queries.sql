-- name: log_tail
-- The ends of a server's newest logs, and the present time as they write it.
select content, to_char(clock_timestamp() at time zone current_setting('log_timezone'), 'YYYY-MM-DD HH24:MI:SS.MS') as now
from trustmed_server.log_tail(%(bytes)s)

-- name: slot_facts
-- Logical slots of the server, positions in bytes.
select
    slot_name as name, active, wal_status, invalidation_reason,
    (confirmed_flush_lsn - '0/0')::bigint as confirmed, failover
from pg_replication_slots where slot_type = 'logical'

-- name: subscription_facts
-- Subscriptions of the server with their workers, counters and positions.
select
    s.oid::bigint, s.subname as name, s.subenabled as enabled, s.subslotname as slot, s.subpublications as publications,
    exists (
        select from pg_stat_subscription w where w.subid = s.oid and w.worker_type = 'apply' and w.pid is not null
    ) as worker,
    coalesce(c.apply_error_count + c.sync_error_count, 0) as errors,
    coalesce(c.confl_update_missing + c.confl_delete_missing, 0) as missing,
    (o.remote_lsn - '0/0')::bigint as applied,
    w.host, w.port, w.database
from pg_subscription s
left join pg_stat_subscription_stats c on c.subid = s.oid
left join trustmed_server.origins() o on o.external_id = 'pg_' || s.oid
left join trustmed_server.subscribed_places() w on w.subscription = s.oid

-- name: slot_of_subscription
-- The slot a subscription of this database uses.
select s.subslotname from pg_subscription s join pg_database d on d.oid = s.subdbid
where s.subname = %(subscription)s and d.datname = current_database()

-- name: slot_position
-- How far a slot's subscriber has confirmed, in bytes.
select (confirmed_flush_lsn - '0/0')::bigint from pg_replication_slots where slot_name = %(slot)s

-- name: applied_position
-- How far a subscription has applied its source's history, in bytes.
select (o.remote_lsn - '0/0')::bigint from trustmed_server.origins() o
where o.external_id = 'pg_' || %(subscription)s::bigint

-- name: known_loss
-- The first loss found on a slot.
select cause, words from replication.loss where link = %(link)s and slot = %(slot)s order by at limit 1

-- name: note_loss
-- Note a loss: its traces wear off.
select replication.note_loss(%(link)s, %(slot)s, %(cause)s, %(words)s)

-- name: position
-- The end of the server's WAL, in bytes.
select (pg_current_wal_lsn() - '0/0')::bigint

-- name: beat
-- Write a heartbeat at the link's source. The monitor's role may do that by this function only.
select seq, token from replication.beat(
    %(link)s,
    (
        select coalesce(sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del), 0)::bigint
        from unnest(%(tables)s::text[]) name
        cross join lateral (
            select to_regclass(name)::oid union all
            select inhrelid from pg_inherits where inhparent = to_regclass(name)  -- pg_partition_tree would wait for locks
        ) p (oid)
        join pg_stat_user_tables t on t.relid = p.oid
    ),
    '0/0'::pg_lsn + %(applied)s::bigint
)

-- name: beat_seen
-- Whether a heartbeat has arrived.
select exists (select from replication.heartbeat where link = %(link)s and seq = %(seq)s and token = %(token)s)

-- name: beats
-- All heartbeats of a link, oldest first.
select seq, token, extract(epoch from at)::float8 as at, changes, (target_lsn - '0/0')::bigint as target_position
from replication.heartbeat where link = %(link)s order by seq

-- name: store_link_state
-- Store the newest state; `since` stays while state and cause do.
insert into monitor.link_state as l (
    link, source, target, site, state, lag_ms, lag_bytes, lag_rows, cause, error_ru, error_en, action_ru, action_en,
    since, checked_at
) values (
    %(link)s, %(source)s, %(target)s, %(site)s, %(state)s, %(lag_ms)s, %(lag_bytes)s, %(lag_rows)s, %(cause)s,
    %(error_ru)s, %(error_en)s, %(action_ru)s, %(action_en)s, coalesce(%(since)s::timestamptz, %(checked_at)s::timestamptz), %(checked_at)s
)
on conflict (link) do update set
    source = excluded.source, target = excluded.target, site = excluded.site, state = excluded.state,
    lag_ms = excluded.lag_ms, lag_bytes = excluded.lag_bytes, lag_rows = excluded.lag_rows, cause = excluded.cause,
    error_ru = excluded.error_ru, error_en = excluded.error_en,
    action_ru = excluded.action_ru, action_en = excluded.action_en, checked_at = excluded.checked_at,
    since = case
        when (l.state, l.cause) is not distinct from (excluded.state, excluded.cause) then l.since
        else excluded.checked_at
    end

-- name: forget_links
-- Forget links that the topology no longer has.
delete from monitor.link_state where not link = any(%(links)s::text[])

-- name: versions_in_force
-- At a site: the versions of dictionaries in force.
select oid, current_version from nsi.dictionary where current_version is not null;

-- name: store_holdings
insert into nsi.holding (site, oid, version)
select %(site)s, seen.oid, seen.version
from unnest(%(oids)s::text[], %(versions)s::text[]) seen (oid, version)
on conflict (site, oid) do update set version = excluded.version, since = excluded.since
where nsi.holding.version <> excluded.version;

-- name: forget_withdrawn_holdings
delete from nsi.holding where site = %(site)s and not oid = any (%(oids)s::text[]);

-- name: forget_holdings
delete from nsi.holding where not site = any (%(sites)s::text[]);

-- name: forget_sites_seen
delete from nsi.site_seen where not site = any (%(sites)s::text[]);

-- name: store_site_seen
insert into nsi.site_seen (site)
values (%(site)s)
on conflict (site) do update set at = excluded.at;
