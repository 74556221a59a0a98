-- name: own_oid
-- The dictionary's own OID, given any of its OIDs.
select d.oid
from nsi.dictionary d
where d.oid = %(oid)s
union all
select a.oid
from nsi.alias a
where a.alias = %(oid)s
limit 1;

-- name: dictionaries
-- Every dictionary with its aliases and versions; `rows` are those of the version in force, else of the newest.
select d.oid, d.title, d.short_title, d.is_own, d.current_version, d.published_at,
    coalesce(a.aliases, '{}') as aliases,
    v.newest as newest_version,
    coalesce(v.versions, 0)::integer as versions,
    coalesce(v.rows, 0) as rows
from nsi.dictionary d
left join lateral (
    select array_agg(alias order by alias) as aliases from nsi.alias where alias.oid = d.oid
) a on true
left join lateral (
    select count(*) as versions,
        (array_agg(v.version order by string_to_array(v.version, '.')::bigint[] desc))[1] as newest,
        (array_agg(v.rows order by v.version = d.current_version desc nulls last,
            string_to_array(v.version, '.')::bigint[] desc))[1] as rows
    from nsi.version v
    where v.oid = d.oid
) v on true
where %(oid)s::text is null or d.oid = %(oid)s
order by string_to_array(d.oid, '.')::bigint[];

-- name: versions
-- The versions held of a dictionary, the newest first.
select v.oid, v.version, v.title, v.released_at, v.rows, v.key_column, v.code_column, v.name_column, v.parent_column,
    v.passport -> 'fields' as fields, v.source, v.imported_at, v.imported_by,
    v.version is not distinct from d.current_version as is_current,
    coalesce((v.passport ->> 'extract')::boolean, false) as is_extract
from nsi.version v
join nsi.dictionary d on d.oid = v.oid
where v.oid = %(oid)s
order by string_to_array(v.version, '.')::bigint[] desc;

-- name: publications
-- Every change of a dictionary's version in force, the oldest first.
select oid, version, before_version, at, kind, author, reason
from nsi.publication
where oid = %(oid)s
order by id;

-- name: put_in_force
-- One statement, hence one transaction: the pointer and its record. No row means that the pointer was turned meanwhile.
with turned as (
    update nsi.dictionary d
    set current_version = v.version, published_at = clock_timestamp(), title = v.title,
        short_title = nullif(trim(v.passport ->> 'shortName'), '')
    from nsi.version v
    where d.oid = %(oid)s and d.current_version is not distinct from %(before_version)s
        and v.oid = d.oid and v.version = %(version)s
    returning d.oid
)
insert into nsi.publication (oid, version, before_version, kind, author, reason)
select oid, %(version)s, %(before_version)s, %(kind)s, %(author)s, %(reason)s
from turned
returning oid, version, before_version, at, kind, author, reason;

-- name: different_rows
-- Rows that differ between two versions, in order of key. Columns that only one version has are not compared.
select coalesce(a.key, b.key) as key, coalesce(a.code, b.code) as code, coalesce(a.name, b.name) as name,
    b.content as before, a.content as after
from (select key, code, name, content from nsi.entry where oid = %(oid)s and version = %(after)s) a
full join (select key, code, name, content from nsi.entry where oid = %(oid)s and version = %(before)s) b on b.key = a.key
where a.key is null or b.key is null or (
    a.content is distinct from b.content
    and a.content - %(columns_added)s::text[] is distinct from b.content - %(columns_withdrawn)s::text[]
)
order by length(coalesce(a.key, b.key)), coalesce(a.key, b.key);

-- name: holdings
-- The versions every site was last seen to point at.
select site, oid, version, since from nsi.holding order by site, oid;

-- name: sites_seen
select site, at from nsi.site_seen;

-- name: current_versions
select oid, current_version from nsi.dictionary where current_version is not null;

-- name: entries
-- A page of a version's rows in order of key; `words` is a part of the name, `beginning` the beginning of the code.
select key, code, name, parent_key, content
from nsi.entry
where oid = %(oid)s and version = %(version)s
    and (length(key), key) > (length(%(after)s::text), %(after)s::text)
    and (%(words)s::text = '' or name ilike '%%' || %(words)s::text || '%%' or starts_with(code, %(beginning)s::text))
order by length(key), key
limit %(limit)s;

-- name: newest_passport
-- The passport of the newest whole version held; extracts came without a passport of their own.
select passport
from nsi.version
where oid = %(oid)s and not coalesce((passport ->> 'extract')::boolean, false)
order by string_to_array(version, '.')::bigint[] desc
limit 1;

-- name: all_versions
-- Every version held, under each OID of its dictionary.
select n.name, v.version, coalesce((v.passport ->> 'extract')::boolean, false) as is_extract
from nsi.version v
cross join lateral (select v.oid as name union all select alias from nsi.alias a where a.oid = v.oid) n;
