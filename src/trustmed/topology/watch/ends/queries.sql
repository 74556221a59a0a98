-- name: carried
-- Tables of a publication with the columns they carry.
select p.schemaname || '.' || p.tablename as name, p.attnames::text[] as columns
from pg_publication_tables p where p.pubname = %(link)s

-- name: table_shapes
-- Those of the tables that are there: columns (type, whether a value is required), primary key, partitions, whether
-- changes tell which row they change.
select
    w.name,
    (
        select jsonb_object_agg(a.attname, jsonb_build_array(
            format_type(a.atttypid, a.atttypmod), a.attnotnull and not a.atthasdef and a.attidentity = ''
        ))
        from pg_attribute a
        where a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ) as columns,
    array(
        select a.attname::text from pg_index i
        cross join lateral unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = w.oid and i.indisprimary order by k.place
    ) as key,
    array(
        select n.nspname || '.' || c.relname from pg_inherits i
        join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
        where i.inhparent = w.oid order by 1
    ) as partitions,
    not exists (
        select from pg_class c
        where c.relreplident = 'n' and (c.oid = w.oid or c.oid in (select inhrelid from pg_inherits where inhparent = w.oid))
    ) as identified
from (select name, to_regclass(name) as oid from unnest(%(tables)s::text[]) name) w
where w.oid is not null

-- name: journal
-- Applied migrations.
select component, number, name from public.trustmed_migration

-- name: digest
-- The recent rows of a table, except those that a repair found absent at the source and left there.
select rows, hashes from replication.digest(
    %(table)s, %(columns)s, %(by_key)s, %(first)s, %(last)s, %(organizations)s, %(link)s, %(ghost)s, %(key)s
)
