-- name: own_oid
-- The dictionary's own OID, given any of its OIDs.
select oid from nsi.dictionary where oid = %(oid)s
union all
select oid from nsi.alias where alias = %(oid)s
limit 1;

-- name: editions_now
-- Dictionaries in the version in force.
select oid, title, current_version as version, published_at as since, true as is_published
from nsi.dictionary
where current_version is not null and (%(oid)s::text is null or oid = %(oid)s)
order by trustmed.sort_key(title), oid;

-- name: editions_then
-- Dictionaries as of a moment: the version published here by then or, before the first publication here, the newest
-- version its keeper had released by that day.
select d.oid, d.title, coalesce(p.version, v.version) as version,
       coalesce(p.at, v.released_at::timestamptz) as since, p.version is not null as is_published
from nsi.dictionary d
left join lateral (
    select version, at from nsi.publication
    where oid = d.oid and at < %(until)s
    order by id desc
    limit 1
) p on true
left join lateral (
    select version, released_at from nsi.version
    where oid = d.oid and released_at::date <= %(day)s
    order by released_at desc, nullif(regexp_replace(version, '[^0-9.]', '', 'g'), '') desc
    limit 1
) v on p.version is null
where (%(oid)s::text is null or d.oid = %(oid)s) and coalesce(p.version, v.version) is not null
order by trustmed.sort_key(d.title), d.oid;

-- name: best
-- The best of the rows found: those in use before past ones, then by reason, then shorter names first. A query that
-- finds beginnings passes as `worst` the worst reason its rows can have.
select e.oid, e.version, e.key, e.code, e.name, e.parent_key, coalesce(e.past_since <= %(today)s, false) as is_past,
       least(
           case when starts_with(e.sought, ' ' || %(phrase)s || ' |') then 0
                when starts_with(e.sought, ' ' || %(phrase)s) then 1
                when strpos(e.sought, '| ' || %(phrase)s) > 0 then 2
                when e.sought like all(%(word_beginnings)s::text[]) then 3
                else 4 end,
           %(worst)s
       ) as reason,
       length(e.name) as size
from (
    {rows}
) e
order by is_past, reason, size, e.code, e.key
limit %(limit)s;

-- name: find_beginnings within best
-- Rows whose code or name begins with what was typed: a few from each dictionary, by its index.
select e.*
from unnest(%(oids)s::text[], %(versions)s::text[]) as edition (oid, version)
cross join lateral (
    (
        select * from nsi.entry n
        where n.oid = edition.oid and n.version = edition.version
            and substr(n.sought, strpos(n.sought, '| ') + 2, 60) >= %(low)s
            and substr(n.sought, strpos(n.sought, '| ') + 2, 60) < %(high)s
            and (%(codes)s::text is null or n.code ~ %(codes)s)
        order by substr(n.sought, strpos(n.sought, '| ') + 2, 60)
        limit %(each)s
    )
    union all
    (
        select c.* from unnest(%(code_lows)s::text[], %(code_highs)s::text[]) as bounds (low, high)
        cross join lateral (
            select * from nsi.entry n
            where n.oid = edition.oid and n.version = edition.version
                and n.code >= bounds.low and n.code < bounds.high
                and (%(codes)s::text is null or n.code ~ %(codes)s)
            order by n.code
            limit %(each)s
        ) c
    )
) e

-- name: find_words within best
-- Rows of any dictionary that contain every word, in any order. The trigram index looks up the two longest words. If
-- thousands of rows contain a part of a word, only the first of them are examined: rows that begin with it were found
-- before.
select * from nsi.entry n
where n.sought like %(one)s and n.sought like %(other)s and n.sought like all(%(rest)s::text[])
    and n.version || ' ' || n.oid = any(%(editions)s::text[])
    and (%(codes)s::text is null or n.code ~ %(codes)s)
limit %(most)s

-- name: find_words_in within best
-- The same within one dictionary.
select * from nsi.entry n
where n.oid || ' ' || n.version = %(edition)s
    and n.sought like %(one)s and n.sought like %(other)s and n.sought like all(%(rest)s::text[])
    and (%(codes)s::text is null or n.code ~ %(codes)s)
limit %(most)s

-- name: find_words_under within best
-- The same among the rows under one row.
select * from nsi.entry n
where n.oid = %(oid)s and n.version = %(version)s and n.parent_key = %(parent)s
    and n.sought like all(%(patterns)s::text[])
    and (%(codes)s::text is null or n.code ~ %(codes)s)

-- name: list_rows
-- Rows of a dictionary when nothing is typed: those under a row or, without one, those at the root. They come in the
-- keeper's order if there is one (ICD-10 has REC_CODE, many have SORT).
select e.oid, e.version, e.key, e.code, e.name, e.parent_key, coalesce(e.past_since <= %(today)s, false) as is_past,
       5 as reason
from nsi.entry e
where e.oid = %(oid)s and e.version = %(version)s
    and (
        e.parent_key = %(parent)s
        or %(parent)s::text is null and (
            e.parent_key is null or e.parent_key = e.key or not exists (
                select from nsi.entry p where p.oid = e.oid and p.version = e.version and p.key = e.parent_key
            )
        )
    )
    and (%(codes)s::text is null or e.code ~ %(codes)s)
order by e.content ->> 'REC_CODE', lpad(e.content ->> 'SORT', 20, '0'),
    case when coalesce(e.code, e.key) ~ '^\d+$' then lpad(coalesce(e.code, e.key), 20, '0') else coalesce(e.code, e.key) end,
    e.key
offset %(skip)s
limit %(limit)s;

-- name: parents_among
-- Those of the given rows that have rows under them.
select candidate.oid, candidate.version, candidate.key
from unnest(%(oids)s::text[], %(versions)s::text[], %(keys)s::text[]) as candidate (oid, version, key)
cross join lateral (
    select from nsi.entry e
    where e.oid = candidate.oid and e.version = candidate.version and e.parent_key = candidate.key and e.key <> candidate.key
    limit 1
) under;

-- name: path_to
-- A row and the rows above it, the root first. A cycle, which no sound dictionary has, ends after twenty steps.
with recursive above as (
    select oid, version, key, code, name, parent_key, past_since, 0 as step
    from nsi.entry
    where oid = %(oid)s and version = %(version)s and key = %(key)s
    union all
    select e.oid, e.version, e.key, e.code, e.name, e.parent_key, e.past_since, step + 1
    from above
    join nsi.entry e on e.oid = above.oid and e.version = above.version and e.key = above.parent_key
    where step < 20 and e.key <> above.key
)
select oid, version, key, code, name, parent_key, coalesce(past_since <= %(today)s, false) as is_past, 5 as reason
from above
order by step desc;

-- name: entry_whole
-- A row with all its columns, and the passport with their titles.
select e.content, v.passport
from nsi.entry e
left join nsi.version v on v.oid = e.oid and v.version = e.version
where e.oid = %(oid)s and e.version = %(version)s and e.key = %(key)s;

-- name: count_children
-- The number of rows directly under a row.
select count(*) from nsi.entry where oid = %(oid)s and version = %(version)s and parent_key = %(key)s and key <> %(key)s;

-- name: versions_with
-- The versions held here that have a row with this key.
select v.version, e.name, v.released_at::timestamptz as released_at,
       (select p.at from nsi.publication p where p.oid = v.oid and p.version = v.version order by p.id desc limit 1)
           as published_at,
       v.version = d.current_version as is_current
from nsi.version v
join nsi.dictionary d on d.oid = v.oid
join nsi.entry e on e.oid = v.oid and e.version = v.version and e.key = %(key)s
where v.oid = %(oid)s
order by v.released_at desc nulls last, v.version desc;
