-- name: roles_edition
-- Which edition of roles.sql made the roles; no row where they were never made.
select shobj_description(oid, 'pg_authid') from pg_authid where rolname = 'trustmed_owner'

-- name: altered_roles
-- Roles that are not as roles.sql makes them.
select r.rolname::text from (values
    ('trustmed_owner', false, false, false), ('trustmed_clinic', true, false, false),
    ('trustmed_region', true, false, false), ('trustmed_feed', true, false, true),
    ('trustmed_link', true, true, true), ('trustmed_monitor', true, false, false)
) w (name, login, bypass, replication)
left join pg_roles r on r.rolname = w.name
where (r.rolcanlogin, r.rolbypassrls, r.rolreplication, r.rolsuper, r.rolconnlimit)
        is distinct from (w.login, w.bypass, w.replication, false, -1)
    or r.rolvaliduntil < 'infinity'
    or w.name = 'trustmed_monitor' and not pg_has_role(r.oid, 'pg_monitor', 'member')
order by 1

-- name: login_roles
-- The roles that sign in, with their password verifiers.
select rolname, rolpassword from pg_authid where rolname like 'trustmed\_%' and rolname <> 'trustmed_owner' order by rolname

-- name: server_functions_edition
-- Which edition of server.sql made the monitor's functions.
select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'trustmed_server'

-- name: create_database
-- Sorted alike on every machine; lc_ctype must know Cyrillic letters.
create database {} template template0 encoding 'UTF8'
    locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C.UTF-8'

-- name: databases
-- Databases, and whether the owner of objects may create schemas in them.
select d.datname, coalesce(has_database_privilege(r.oid, d.oid, 'create'), false)
from pg_database d left join pg_roles r on r.rolname = 'trustmed_owner'
where not d.datistemplate and d.datallowconn
order by d.datname

-- name: publications
-- Publications of this database: proper options, and each table with its row filter and the columns by which its list
-- differs from all that are not generated (null where it has no list).
select
    p.pubname,
    p.pubinsert and p.pubupdate and p.pubdelete and not p.pubtruncate and p.pubviaroot and not p.puballtables,
    (
        select jsonb_agg(jsonb_build_array(
            n.nspname || '.' || c.relname,
            pg_get_expr(r.prqual, r.prrelid),
            case when r.prattrs is not null then to_jsonb(array(
                select a.attname from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    and (a.attgenerated = '') <> (a.attnum = any (r.prattrs))
                order by a.attname
            )) end
        ))
        from pg_publication_rel r
        join pg_class c on c.oid = r.prrelid
        join pg_namespace n on n.oid = c.relnamespace
        where r.prpubid = p.oid
    )
from pg_publication p order by p.pubname

-- name: carried_columns
-- Columns of a table that a publication carries.
select a.attname from pg_attribute a
where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by a.attnum

-- name: logical_slots
-- Slots of PostgreSQL's own logical replication.
select slot_name, database from pg_replication_slots
where slot_type = 'logical' and plugin = 'pgoutput' and not temporary order by slot_name

-- name: create_slot
-- A slot that follows its primary to a standby (failover).
select pg_create_logical_replication_slot(%(slot)s, 'pgoutput', failover => true)

-- name: drop_slot
-- Nothing to do where it is gone already.
select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %(slot)s

-- name: end_slot_user
-- End the process that holds a slot.
select pg_terminate_backend(active_pid) from pg_replication_slots
where slot_name = %(slot)s and active_pid is not null

-- name: epoch
-- How many histories this database has begun.
select epoch from replication.incarnation

-- name: subscriptions
-- Subscriptions of the whole server.
select
    s.oid::bigint, s.subname, d.datname, s.subconninfo, s.subslotname, s.subpublications, s.subenabled,
    jsonb_build_object(
        'streaming', s.substream, 'origin', s.suborigin, 'disable_on_error', s.subdisableonerr,
        'failover', s.subfailover
    ),
    s.subsynccommit
from pg_subscription s join pg_database d on d.oid = s.subdbid order by s.subname

-- name: subscribed_tables
-- The tables of a subscription, from its own database.
select n.nspname || '.' || c.relname, r.srsubstate
from pg_subscription_rel r
join pg_class c on c.oid = r.srrelid
join pg_namespace n on n.oid = c.relnamespace
where r.srsubid = %(subscription)s order by 1

-- name: subscription_knows
-- A row if a subscription of this database has any of the tables.
select from pg_subscription s
join pg_database d on d.oid = s.subdbid and d.datname = current_database()
join pg_subscription_rel r on r.srsubid = s.oid
join pg_class c on c.oid = r.srrelid
join pg_namespace n on n.oid = c.relnamespace
where s.subname = %(subscription)s and n.nspname || '.' || c.relname = any(%(tables)s::text[])
limit 1

-- name: subscription_mark
-- What the comment of a subscription says. Its own database must be asked: others see the subscription without it.
select obj_description(%(subscription)s::oid, 'pg_subscription')

-- name: linked_databases
-- Databases of the server that hold an end of a link.
select d.datname from pg_subscription s join pg_database d on d.oid = s.subdbid
where s.subconninfo like '%trustmed_link%'
union
select database from pg_replication_slots where slot_type = 'logical' and plugin = 'pgoutput' and slot_name like '%\_to\_%'

-- name: log_tail
-- The ends of a server's newest logs, and the time now as they write it.
select content, to_char(clock_timestamp() at time zone current_setting('log_timezone'), 'YYYY-MM-DD HH24:MI:SS.MS')
from trustmed_server.log_tail(%(bytes)s)

-- name: slot_facts
-- Logical slots of the server, positions in bytes.
select
    slot_name, active, wal_status, invalidation_reason,
    (confirmed_flush_lsn - '0/0')::bigint, failover
from pg_replication_slots where slot_type = 'logical'

-- name: subscription_facts
-- Subscriptions of the server with their workers, counters and positions.
select
    s.oid::bigint, s.subname, s.subenabled, s.subslotname, s.subpublications,
    exists (select from pg_stat_subscription w where w.subid = s.oid and w.worker_type = 'apply' and w.pid is not null),
    coalesce(c.apply_error_count + c.sync_error_count, 0),
    coalesce(c.confl_update_missing + c.confl_delete_missing, 0),
    (o.remote_lsn - '0/0')::bigint,
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
-- What was once found lost on the way through a slot.
select cause, words from replication.loss where link = %(link)s and slot = %(slot)s order by at limit 1

-- name: note_loss
-- Keep that something was lost: the traces of it wear off.
select replication.note_loss(%(link)s, %(slot)s, %(cause)s, %(words)s)

-- name: position
-- How far the server's WAL goes, in bytes.
select (pg_current_wal_lsn() - '0/0')::bigint

-- name: beat
-- Mark the link at its source; nothing but the caller's role may do that by function only.
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
-- Whether a mark has arrived.
select exists (select from replication.heartbeat where link = %(link)s and seq = %(seq)s and token = %(token)s)

-- name: beats
-- All marks of a link, oldest first.
select seq, token, extract(epoch from at)::float8, changes, (target_lsn - '0/0')::bigint
from replication.heartbeat where link = %(link)s order by seq

-- name: carried
-- Tables of a publication with the columns they carry.
select p.schemaname || '.' || p.tablename, p.attnames::text[]
from pg_publication_tables p where p.pubname = %(link)s

-- name: table_shapes
-- The tables that are there: columns (type, whether it must be given), primary key, partitions,
-- whether changes name the row they change.
select
    w.name,
    (
        select jsonb_object_agg(a.attname, jsonb_build_array(
            format_type(a.atttypid, a.atttypmod), a.attnotnull and not a.atthasdef and a.attidentity = ''
        ))
        from pg_attribute a
        where a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ),
    array(
        select a.attname::text from pg_index i
        cross join lateral unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = w.oid and i.indisprimary order by k.place
    ),
    array(
        select n.nspname || '.' || c.relname from pg_inherits i
        join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
        where i.inhparent = w.oid order by 1
    ),
    not exists (
        select from pg_class c
        where c.relreplident = 'n' and (c.oid = w.oid or c.oid in (select inhrelid from pg_inherits where inhparent = w.oid))
    )
from (select name, to_regclass(name) as oid from unnest(%(tables)s::text[]) name) w
where w.oid is not null

-- name: journal
-- Applied migrations.
select component, number, name from public.trustmed_migration

-- name: link_states
-- What the monitor last saw.
select link, source, target, site, state, lag_ms, lag_bytes, lag_rows, cause, error_ru, error_en, action_ru, action_en,
    since, checked_at
from monitor.link_state order by link

-- name: store_link_state
-- The newest state; since when it is so stays while state and cause do.
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
-- Links the topology no longer has.
delete from monitor.link_state where not link = any(%(links)s::text[])

-- name: versions_in_force
-- At a site: the dictionaries in force, and in which version.
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
