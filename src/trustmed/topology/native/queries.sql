-- name: column_defaults
-- Columns of a table with the expression of what a row gets that is written without them.
select a.attname as name, coalesce(pg_get_expr(d.adbin, d.adrelid), 'null') as default
from pg_attribute a
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = to_regclass(%(table)s) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''

-- name: carried_columns
-- The columns of a table that a publication may carry: generated ones it may not.
select a.attname from pg_attribute a
where a.attrelid = to_regclass(%(table)s) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by a.attnum

-- name: create_slot
-- A slot that a standby keeps a copy of (failover).
select pg_create_logical_replication_slot(%(slot)s, 'pgoutput', failover => true)

-- name: drop_slot
-- Drop a slot if it is there.
select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %(slot)s

-- name: end_slot_user
-- End the process that holds a slot.
select pg_terminate_backend(active_pid) from pg_replication_slots
where slot_name = %(slot)s and active_pid is not null

-- name: subscription_mark
-- The comment of a subscription. Only its own database knows it: others see the subscription without a comment.
select obj_description(%(subscription)s::oid, 'pg_subscription')

-- name: publications
-- Publications of this database: whether the options are right, and each table with its row filter and the columns by
-- which its list differs from all that are not generated (null where it has no list).
select
    p.pubname as name,
    p.pubinsert and p.pubupdate and p.pubdelete and not p.pubtruncate and p.pubviaroot and not p.puballtables as proper,
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
    ) as tables
from pg_publication p order by p.pubname

-- name: subscribed_tables
-- The tables of a subscription with the states of their copies (r: ready), from its own database.
select n.nspname || '.' || c.relname as name, r.srsubstate as state
from pg_subscription_rel r
join pg_class c on c.oid = r.srrelid
join pg_namespace n on n.oid = c.relnamespace
where r.srsubid = %(subscription)s order by 1
