-- name: begin_import
-- Serialise imports, because two might claim one alias. Waiting ends after the role's lock_timeout.
select pg_advisory_xact_lock(hashtextextended('nsi import', 0)), set_config('statement_timeout', '0', true);

-- name: existing
-- Everything an import has to know first: which of `names` belong to other dictionaries, what is held of this very
-- version, and the newest older version with its columns.
select
    coalesce((
        select json_agg(json_build_object('name', owner.name, 'oid', owner.oid))
        from (
            select d.oid as name, d.oid from nsi.dictionary d where d.oid = any (%(names)s) and d.oid <> %(oid)s
            union all
            select a.alias, a.oid from nsi.alias a where a.alias = any (%(names)s) and a.oid <> %(oid)s
        ) owner
    ), '[]') as owners,
    same.digest, coalesce((same.passport ->> 'extract')::boolean, false) as is_extract,
    case when same.version is not null then
        json_build_object('key', same.key_column, 'code', same.code_column, 'name', same.name_column,
            'parent', same.parent_column)
    end as roles,
    earlier.version as before,
    earlier.passport -> 'fields' as before_fields
from (values (1)) one (row)
left join nsi.version same on same.oid = %(oid)s and same.version = %(version)s
left join lateral (
    select v.version, v.passport
    from nsi.version v
    where v.oid = %(oid)s
        and string_to_array(v.version, '.')::bigint[] < string_to_array(%(version)s::text, '.')::bigint[]
    order by string_to_array(v.version, '.')::bigint[] desc
    limit 1
) earlier on true;

-- name: add_version
-- The titles of a dictionary that already exists are left alone: they change when its pointer turns.
with dictionary as (
    insert into nsi.dictionary (oid, title, short_title)
    values (%(oid)s, %(title)s, %(short_title)s)
    on conflict (oid) do nothing
), aliases as (
    insert into nsi.alias (alias, oid)
    select alias, %(oid)s
    from unnest(%(aliases)s::text[]) alias
    on conflict (alias) do nothing
)
insert into nsi.version (oid, version, title, released_at, rows, key_column, code_column, name_column, parent_column,
    passport, digest, source, imported_by)
values (%(oid)s, %(version)s, %(title)s, %(released_at)s, %(rows)s, %(key_column)s, %(code_column)s, %(name_column)s,
    %(parent_column)s, %(passport)s::jsonb, %(digest)s, %(source)s, %(imported_by)s);

-- name: drop_extract
select nsi.drop_extract(%(oid)s, %(version)s);

-- name: complete_version
with aliases as (
    insert into nsi.alias (alias, oid)
    select alias, %(oid)s
    from unnest(%(aliases)s::text[]) alias
    on conflict (alias) do nothing
)
update nsi.version
set title = %(title)s, released_at = %(released_at)s, rows = %(rows)s, key_column = %(key_column)s,
    code_column = %(code_column)s, name_column = %(name_column)s, parent_column = %(parent_column)s,
    passport = %(passport)s::jsonb, digest = %(digest)s, source = %(source)s, imported_by = %(imported_by)s,
    imported_at = clock_timestamp()
where oid = %(oid)s and version = %(version)s;

-- name: copy_entries
copy nsi.entry (oid, version, key, code, name, parent_key, content) from stdin with (format binary);
