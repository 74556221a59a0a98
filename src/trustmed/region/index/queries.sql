-- LATERAL with LIMIT wherever one row is meant: a plan cached while the tables were empty must not scan them once they
-- have a million rows.

-- name: patients
-- These patients as they are now, the profiles and links they have, and ids for a profile and a person that may be new.
select p.organization_id, p.id as patient_id, concat(p.xmin, ' ', l.xmin) as version,
       coalesce(f.number, nextval('mpi.profile_number')) as number, f.content, f.keys,
       l.person_id, l.decision, l.reason, uuidv7() as new_person,
       p.surname, p.given_name, p.birth_date, p.sex, p.patronymic, p.snils, p.enp,
       p.identity_kind, p.identity_series, p.identity_number, p.phone, p.address
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) with ordinality as w (organization_id, id, place)
cross join lateral (
    select *, xmin from mpi.patient p where p.organization_id = w.organization_id and p.id = w.id limit 1
) as p
left join lateral (
    select * from mpi.profile f where f.organization_id = p.organization_id and f.patient_id = p.id limit 1
) as f on true
left join lateral (
    select *, xmin from mpi.patient_link l
    where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l on true
order by w.place;

-- name: versions
-- The versions of these patients and their links, to be compared with those that were read.
select p.organization_id, p.id, concat(p.xmin, ' ', l.xmin) as version
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, id)
cross join lateral (
    select organization_id, id, xmin from mpi.patient p
    where p.organization_id = w.organization_id and p.id = w.id limit 1
) as p
left join lateral (
    select xmin from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l on true;

-- name: lock
-- One registration at a time for each blocking key and patient; locked in one order, so that there is no deadlock.
-- The first number keeps these locks apart from other advisory locks.
select pg_advisory_xact_lock(1836083049, id)
from (select distinct id from unnest(%(locks)s::integer[]) as id order by id) as locks;

-- name: candidates
-- Rows that share a blocking key, with the places of the keys in the list; then all rows of the same persons. Each key has
-- a limit, for what hundreds share tells nobody apart. The two are not joined: a batch finds thousands of rows.
with found as materialized (
    select k.number, array_agg(w.place::integer) as places
    from unnest(%(probes)s::bigint[], %(limits)s::integer[]) with ordinality as w (key, most, place)
    cross join lateral (select k.number from mpi.key k where k.key = w.key limit w.most) as k
    group by k.number
),
known as materialized (
    select l.person_id, f.organization_id, f.patient_id, found.places
    from found
    cross join lateral (select * from mpi.profile f where f.number = found.number limit 1) as f
    cross join lateral (
        select * from mpi.patient_link l
        where l.organization_id = f.organization_id and l.patient_id = f.patient_id limit 1
    ) as l
)
select organization_id, patient_id, null as person_id, null as decision, null as content, places, null as revision
from known
union all
select m.organization_id, m.patient_id, m.person_id, m.decision, f.content, null, p.revision
from (select distinct person_id from known) as persons
cross join lateral (select * from mpi.patient_link m where m.person_id = persons.person_id limit 200) as m
cross join lateral (
    select content from mpi.profile f
    where f.organization_id = m.organization_id and f.patient_id = m.patient_id limit 1
) as f
cross join lateral (select revision from mpi.person p where p.id = m.person_id limit 1) as p;

-- name: members
-- The patients linked to these persons, as the matcher sees them, in the columns of `candidates`.
select m.organization_id, m.patient_id, m.person_id, m.decision, f.content, null as places, p.revision
from unnest(%(persons)s::uuid[]) as w (person_id)
cross join lateral (select * from mpi.patient_link m where m.person_id = w.person_id limit 200) as m
cross join lateral (
    select content from mpi.profile f
    where f.organization_id = m.organization_id and f.patient_id = m.patient_id limit 1
) as f
cross join lateral (select revision from mpi.person p where p.id = m.person_id limit 1) as p;

-- name: apart
-- The persons that a steward said these patients are not.
select w.organization_id, w.id, l.person_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, id)
cross join lateral (
    select n.other_organization_id, n.other_patient_id from mpi.not_same n
    where n.organization_id = w.organization_id and n.patient_id = w.id
    union all
    select n.organization_id, n.patient_id from mpi.not_same n
    where n.other_organization_id = w.organization_id and n.other_patient_id = w.id
) as n (organization_id, patient_id)
cross join lateral (
    select * from mpi.patient_link l
    where l.organization_id = n.organization_id and l.patient_id = n.patient_id limit 1
) as l;

-- name: hold_persons
-- Lock these persons until the transaction ends, so that nobody merges or leaves them. In one order, against deadlock.
select id, revision, merged_into from mpi.person where id = any(%(persons)s) order by id for key share;

-- name: own_persons
-- Lock these persons so that nobody else links to them either: their last patient may be leaving them.
select id, revision, merged_into from mpi.person where id = any(%(persons)s) order by id for update;

-- name: insert_persons
-- Add new persons.
insert into mpi.person (id) select unnest(%(persons)s::uuid[]);

-- name: save_profiles
-- Store what the matcher sees of these patients.
insert into mpi.profile as f (number, organization_id, patient_id, content, keys)
select number, organization_id, patient_id, decode(content, 'hex'), keys
from json_to_recordset(%(rows)s::json)
    as w (number bigint, organization_id integer, patient_id uuid, content text, keys bigint[])
on conflict (organization_id, patient_id) do update set content = excluded.content, keys = excluded.keys;

-- name: drop_keys
-- Delete keys these patients no longer have.
delete from mpi.key k using unnest(%(keys)s::bigint[], %(numbers)s::bigint[]) as w (key, number)
where k.key = w.key and k.number = w.number;

-- name: add_keys
-- Add keys these patients have now.
insert into mpi.key (key, number) select * from unnest(%(keys)s::bigint[], %(numbers)s::bigint[])
on conflict do nothing;

-- name: save_links
-- Store links, but never over the decision of a human being.
insert into mpi.patient_link as l (organization_id, patient_id, person_id, decision, reason)
select organization_id, patient_id, person_id, 'automatic', reason
from json_to_recordset(%(rows)s::json) as w (organization_id integer, patient_id uuid, person_id uuid, reason text)
on conflict (organization_id, patient_id) do update set
    person_id = excluded.person_id, reason = excluded.reason, linked_at = clock_timestamp()
where l.decision = 'automatic' and (l.person_id, l.reason) is distinct from (excluded.person_id, excluded.reason);

-- name: retire_persons
-- Mark persons whose last patient left for another person as merged into that person, so that their ids lead there.
update mpi.person p set merged_into = w.into_id, merged_at = clock_timestamp(), revision = revision + 1
from unnest(%(persons)s::uuid[], %(into)s::uuid[]) as w (id, into_id)
where p.id = w.id
  and not exists (select from mpi.patient_link l where l.person_id = p.id);

-- name: note_decisions
-- Write into the history why the matcher did what it did.
insert into mpi.decision
    (kind, organization_id, patient_id, person_id, former_person_id, author, author_name, reason, weight, model, explanation)
select kind, organization_id, patient_id, person_id, former_person_id, 'matcher', 'Сопоставитель', reason, weight,
       %(model)s, explanation
from json_to_recordset(%(rows)s::json) as w (
    kind text, organization_id integer, patient_id uuid, person_id uuid, former_person_id uuid, reason text, weight real,
    explanation jsonb
);

-- name: open_reviews
-- Ask a steward about pairs; a question that is open already is brought up to date.
insert into mpi.review as r
    (organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason, model, explanation)
select organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason,
       %(model)s, explanation
from json_to_recordset(%(rows)s::json) as w (
    organization_id integer, patient_id uuid, other_organization_id integer, other_patient_id uuid, weight real,
    priority smallint, reason text, explanation jsonb
)
on conflict (organization_id, patient_id, other_organization_id, other_patient_id) where closed_at is null
do update set weight = excluded.weight, priority = excluded.priority, reason = excluded.reason, model = excluded.model,
    explanation = excluded.explanation;

-- name: reviews_of
-- The open questions about these patients, and whether both patients are one person now.
select r.id, r.organization_id, r.patient_id, r.other_organization_id, r.other_patient_id,
       (select l.person_id from mpi.patient_link l
        where l.organization_id = r.organization_id and l.patient_id = r.patient_id)
     = (select l.person_id from mpi.patient_link l
        where l.organization_id = r.other_organization_id and l.patient_id = r.other_patient_id) as one
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, patient_id)
cross join lateral (
    select * from mpi.review r
    where r.closed_at is null and r.organization_id = w.organization_id and r.patient_id = w.patient_id
    union all
    select * from mpi.review r
    where r.closed_at is null and r.other_organization_id = w.organization_id and r.other_patient_id = w.patient_id
) as r;

-- name: close_reviews
-- Close questions about which there is nothing to decide any more.
update mpi.review set closed_at = clock_timestamp(), outcome = 'moot', closed_by = 'matcher', closing_reason = %(reason)s
where id = any(%(ids)s) and closed_at is null;

-- name: next_patients
-- A page of all patients in the order of their keys.
select organization_id, id from mpi.patient
where (organization_id, id) > (%(organization_id)s, %(id)s)
order by organization_id, id limit %(count)s;

-- name: about_how_many
-- The number of patients, estimated by statistics.
select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'mpi.patient'::regclass;

-- name: rematch
-- Patients to be matched anew because of stewards' acts, the longest waiting first.
select organization_id, patient_id, at from mpi.rematch order by at limit %(limit)s;

-- name: matched_anew
-- Forget that patients were to be matched anew, unless it was asked again meanwhile.
delete from mpi.rematch r
using unnest(%(organizations)s::integer[], %(ids)s::uuid[], %(asked)s::timestamptz[])
    as w (organization_id, patient_id, asked)
where r.organization_id = w.organization_id and r.patient_id = w.patient_id and r.at = w.asked;

-- name: last_profile
-- The greatest number of a profile.
select max(number) from mpi.profile;

-- name: profiles
-- The contents of profiles by their numbers.
select f.content from unnest(%(numbers)s::bigint[]) as w (number)
cross join lateral (select content from mpi.profile f where f.number = w.number limit 1) as f;

-- name: census
-- The numbers of linked patients, persons, links by hand, open questions, and patients to be matched anew.
select (select count(*) from mpi.patient_link), (select count(*) from mpi.person where merged_into is null),
       (select count(*) from mpi.patient_link where decision = 'manual'),
       (select count(*) from mpi.review where closed_at is null), (select count(*) from mpi.rematch);
