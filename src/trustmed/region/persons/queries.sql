-- name: people_of_patients
-- The persons these patients stand for, as far as the links have come.
select distinct l.person_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w(organization_id, patient_id)
join mpi.patient_link l using (organization_id, patient_id);

-- name: person
-- A person and whom they were merged into.
select id, created_at, revision, merged_into, merged_at from mpi.person where id = %(person_id)s;

-- name: merged_persons
-- Persons who were merged into this one, directly or by others.
with recursive merged as (
    select id, merged_at from mpi.person where merged_into = %(person_id)s
    union
    select p.id, p.merged_at from merged m
    cross join lateral (select * from mpi.person p where p.merged_into = m.id limit 100) as p
)
select id, merged_at from merged order by id limit 100;

-- name: sources
-- The patients' rows of these persons, as they are now.
select m.person_id, m.organization_id, m.patient_id, p.updated_at, m.decision, m.reason, m.linked_at,
       p.surname, p.given_name, p.birth_date, p.sex, p.patronymic, p.snils, p.enp,
       p.identity_kind, p.identity_series, p.identity_number, p.phone, p.address
from unnest(%(persons)s::uuid[]) as w (person_id)
cross join lateral (select * from mpi.patient_link m where m.person_id = w.person_id limit 200) as m
cross join lateral (
    select * from mpi.patient p where p.organization_id = m.organization_id and p.id = m.patient_id limit 1
) as p
order by m.person_id, m.organization_id, m.patient_id;

-- name: pins
-- Values fixed by stewards.
select person_id, field, value, author_name, reason, at from mpi.pin where person_id = any(%(persons)s::uuid[])
order by person_id, field;

-- name: patients
-- These patients' rows as they are now, and whose they are.
select l.person_id, p.organization_id, p.id, p.updated_at, l.decision, l.reason, l.linked_at,
       p.surname, p.given_name, p.birth_date, p.sex, p.patronymic, p.snils, p.enp,
       p.identity_kind, p.identity_series, p.identity_number, p.phone, p.address
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, id)
cross join lateral (
    select * from mpi.patient p where p.organization_id = w.organization_id and p.id = w.id limit 1
) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = w.organization_id and l.patient_id = w.id limit 1
) as l;

-- name: acts_of_person
select id, at, kind, person_id, other_person_id, author, author_name, reason, undone_at, undone_by, undone_reason
from mpi.act where person_id = %(person_id)s or other_person_id = %(person_id)s
order by id desc limit 100;

-- name: history
-- What was decided about a person, the newest first.
select d.id, d.at, d.kind, d.organization_id, d.patient_id, d.person_id, d.former_person_id, d.author_name, d.reason,
       d.act_id, d.weight, d.model, d.explanation
from (
    select * from mpi.decision where person_id = %(person_id)s
    union
    select * from mpi.decision where former_person_id = %(person_id)s
) as d
order by d.id desc limit %(limit)s;

-- name: pin
insert into mpi.pin (person_id, field, value, author, author_name, reason)
values (%(person_id)s, %(field)s, %(value)s, %(author)s, %(author_name)s, %(reason)s)
on conflict (person_id, field) do update set value = excluded.value, at = clock_timestamp(),
    author = excluded.author, author_name = excluded.author_name, reason = excluded.reason;

-- name: unpin
delete from mpi.pin where person_id = %(person_id)s and field = %(field)s returning value;

-- name: persons_by_snils
-- Persons one of whose patients has this number.
select distinct l.person_id
from (select organization_id, id from mpi.patient where snils = %(value)s limit 200) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
order by l.person_id limit 20;

-- name: persons_by_enp
select distinct l.person_id
from (select organization_id, id from mpi.patient where enp = %(value)s limit 200) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
order by l.person_id limit 20;

-- name: persons_by_identity
-- By the number of a document, and its series if one is named.
select distinct l.person_id
from (
    select organization_id, id from mpi.patient
    where identity_number = %(value)s
      and (%(series)s::text is null or replace(coalesce(identity_series, ''), ' ', '') = %(series)s) limit 200
) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
order by l.person_id limit 20;
