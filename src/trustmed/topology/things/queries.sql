-- name: roles_edition
-- The edition of roles.sql that made the roles; no row where they were never made.
select shobj_description(oid, 'pg_authid') as edition from pg_authid where rolname = 'trustmed_owner'

-- name: altered_roles
-- Roles that differ from what roles.sql makes.
select w.name from (values
    ('trustmed_owner', false, false, false), ('trustmed_clinic', true, false, false),
    ('trustmed_region', true, false, false), ('trustmed_feed', true, false, true),
    ('trustmed_link', true, true, true), ('trustmed_monitor', true, false, false),
    ('trustmed_keeper', true, false, false), ('trustmed_auditor', true, false, false)
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
-- The edition of server.sql that made the monitor's functions.
select obj_description(oid, 'pg_namespace') as edition from pg_namespace where nspname = 'trustmed_server'

-- name: create_database
-- Texts sort alike on every machine, whatever its locales; lc_ctype must know Cyrillic letters.
create database {} template template0 encoding 'UTF8'
    locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C.UTF-8'

-- name: logical_slots
-- Slots of PostgreSQL's own logical replication.
select slot_name, database from pg_replication_slots
where slot_type = 'logical' and plugin = 'pgoutput' and not temporary order by slot_name

-- name: subscriptions
-- Subscriptions of the whole server.
select
    s.oid::bigint, s.subname as name, d.datname as database, s.subconninfo as conninfo, s.subslotname as slot,
    jsonb_build_object(
        'streaming', s.substream, 'origin', s.suborigin, 'disable_on_error', s.subdisableonerr,
        'failover', s.subfailover
    ) as options,
    s.subsynccommit as synchronous_commit
from pg_subscription s join pg_database d on d.oid = s.subdbid order by s.subname

-- name: subscription_knows
-- A row if a subscription of this database has any of the tables.
select from pg_subscription s
join pg_database d on d.oid = s.subdbid and d.datname = current_database()
join pg_subscription_rel r on r.srsubid = s.oid
join pg_class c on c.oid = r.srrelid
join pg_namespace n on n.oid = c.relnamespace
where s.subname = %(subscription)s and n.nspname || '.' || c.relname = any(%(tables)s::text[])
limit 1

-- name: databases
-- Databases, and whether the owner of objects may create schemas in them.
select d.datname as name, coalesce(has_database_privilege(r.oid, d.oid, 'create'), false) as owner_creates
from pg_database d left join pg_roles r on r.rolname = 'trustmed_owner'
where not d.datistemplate and d.datallowconn
order by d.datname
