-- name: drafts
-- Drafts, with how their rows differ from the version they are based on.
select d.oid, d.title, d.short_title, d.has_levels, d.columns, d.based_on, d.created_at, d.created_by, d.changed_at,
    d.changed_by, coalesce(c.rows, 0)::integer as rows, coalesce(c.added, 0)::integer as added,
    coalesce(c.changed, 0)::integer as changed, coalesce(c.withdrawn, 0)::integer as withdrawn
from nsi.own_draft d
left join lateral (
    select count(*) filter (where not r.is_withdrawn) as rows,
        count(*) filter (where e.key is null and not r.is_withdrawn) as added,
        count(*) filter (where e.content is distinct from r.content and e.key is not null and not r.is_withdrawn)
            as changed,
        count(*) filter (where r.is_withdrawn) as withdrawn
    from nsi.own_row r
    left join nsi.entry e on e.oid = r.oid and e.version = d.based_on and e.key = r.key
    where r.oid = d.oid
) c on true
where %(oid)s::text is null or d.oid = %(oid)s
order by trustmed.sort_key(d.title), d.oid;

-- name: taken_oids
-- Every OID of a dictionary, its aliases included, and the OIDs of drafts.
select oid from nsi.dictionary union select alias from nsi.alias union select oid from nsi.own_draft;

-- name: is_taken
select exists (select from nsi.dictionary where oid = %(oid)s)
    or exists (select from nsi.alias where alias = %(oid)s)
    or exists (select from nsi.own_draft where oid = %(oid)s);

-- name: add_draft
-- No row means that the OID was taken meanwhile.
insert into nsi.own_draft (oid, title, short_title, has_levels, columns, created_by, changed_by)
values (%(oid)s, %(title)s, %(short_title)s, %(has_levels)s, %(columns)s, %(author)s, %(author)s)
on conflict (oid) do nothing
returning oid;

-- name: lock_draft
-- Lock the draft: edits of one draft run one after another.
select oid from nsi.own_draft where oid = %(oid)s for update;

-- name: note_change
update nsi.own_draft set changed_at = clock_timestamp(), changed_by = %(author)s where oid = %(oid)s;

-- name: draft_rows
-- A page of a draft's rows in order of code; `state` selects rows in one state, `words` rows that contain every word.
select r.key, r.content, r.revision, r.changed_at, r.changed_by, s.state
from nsi.own_draft d
join nsi.own_row r on r.oid = d.oid
left join nsi.entry e on e.oid = r.oid and e.version = d.based_on and e.key = r.key
cross join lateral (
    select case
        when r.is_withdrawn then 'withdrawn'
        when e.key is null then 'added'
        when e.content is distinct from r.content then 'changed'
        else 'same'
    end as state
) s
where d.oid = %(oid)s and r.key > %(after)s
    and (%(state)s::text is null or s.state = %(state)s or %(state)s = 'edited' and s.state <> 'same')
    and ' ' || nsi.folded(r.key || ' ' || (r.content ->> 'NAME')) like all(%(words)s::text[])
order by r.key
limit %(limit)s;

-- name: draft_row
select r.key, r.content, r.revision, r.changed_at, r.changed_by,
    case
        when r.is_withdrawn then 'withdrawn'
        when e.key is null then 'added'
        when e.content is distinct from r.content then 'changed'
        else 'same'
    end as state
from nsi.own_draft d
join nsi.own_row r on r.oid = d.oid
left join nsi.entry e on e.oid = r.oid and e.version = d.based_on and e.key = r.key
where d.oid = %(oid)s and r.key = %(key)s;

-- name: add_row
-- No row means that a row with this code already exists.
insert into nsi.own_row (oid, key, content, changed_by)
values (%(oid)s, %(key)s, %(content)s, %(author)s)
on conflict (oid, key) do nothing
returning key;

-- name: change_row
-- No row means that the revision is not the one the author saw.
update nsi.own_row
set content = %(content)s, is_withdrawn = %(is_withdrawn)s, revision = revision + 1, changed_at = clock_timestamp(),
    changed_by = %(author)s
where oid = %(oid)s and key = %(key)s and revision = %(revision)s
returning revision;

-- name: remove_row
-- Delete a row that no version ever had; it leaves no trace.
delete from nsi.own_row where oid = %(oid)s and key = %(key)s and revision = %(revision)s returning key;

-- name: rows_under
select count(*) from nsi.own_row
where oid = %(oid)s and content ->> 'PARENT' = %(key)s and not is_withdrawn and key <> %(key)s;

-- name: draft_rows_above
-- The codes from a row up to the root; a cycle ends after fifty steps.
with recursive above as (
    select key, content ->> 'PARENT' as parent, 0 as step
    from nsi.own_row
    where oid = %(oid)s and key = %(key)s and not is_withdrawn
    union all
    select r.key, r.content ->> 'PARENT', step + 1
    from above
    join nsi.own_row r on r.oid = %(oid)s and r.key = above.parent and not r.is_withdrawn
    where step < 50
)
select key from above order by step;

-- name: whole_draft
-- The content of every row that is not withdrawn.
select content from nsi.own_row where oid = %(oid)s and not is_withdrawn order by key;

-- name: every_row
-- Every row with its revision, withdrawn rows included.
select key, content, is_withdrawn, revision from nsi.own_row where oid = %(oid)s;

-- name: version_numbers
select version from nsi.version where oid = %(oid)s;

-- name: add_own_dictionary
insert into nsi.dictionary (oid, title, short_title, is_own)
values (%(oid)s, %(title)s, %(short_title)s, true)
on conflict (oid) do nothing;

-- name: add_own_version
insert into nsi.version (oid, version, title, released_at, rows, key_column, code_column, name_column, parent_column,
    passport, digest, source, imported_by)
values (%(oid)s, %(version)s, %(title)s, %(released_at)s, %(rows)s, 'CODE', 'CODE', 'NAME', %(parent_column)s,
    %(passport)s, %(digest)s, %(source)s, %(author)s);

-- name: copy_draft
insert into nsi.entry (oid, version, key, code, name, parent_key, content)
select oid, %(version)s, key, key, content ->> 'NAME', content ->> 'PARENT', content
from nsi.own_row
where oid = %(oid)s and not is_withdrawn;

-- name: delete_withdrawn
delete from nsi.own_row where oid = %(oid)s and is_withdrawn;

-- name: set_base_version
update nsi.own_draft set based_on = %(version)s, changed_at = clock_timestamp(), changed_by = %(author)s
where oid = %(oid)s;
