-- name: persons_of_patients
-- The persons these patients stand for, as far as the links have arrived.
select distinct l.person_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w(organization_id, patient_id)
join mpi.patient_link l using (organization_id, patient_id);

-- name: merged_into
-- Whom a person was merged into, or null; no row if there is no such person.
select merged_into from mpi.person where id = %(person_id)s;

-- name: merged_persons
-- Persons merged into this one, directly or through others.
with recursive merged as (
    select id, merged_at from mpi.person where merged_into = %(person_id)s
    union
    select p.id, p.merged_at from merged m
    cross join lateral (select * from mpi.person p where p.merged_into = m.id limit 100) as p
)
select id from merged order by id limit 100;

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
-- These patients' rows as they are now, and the persons they stand for.
select l.person_id, p.organization_id, p.id as patient_id, p.updated_at, l.decision, l.reason, l.linked_at,
       p.surname, p.given_name, p.birth_date, p.sex, p.patronymic, p.snils, p.enp,
       p.identity_kind, p.identity_series, p.identity_number, p.phone, p.address
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, id)
cross join lateral (
    select * from mpi.patient p where p.organization_id = w.organization_id and p.id = w.id limit 1
) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = w.organization_id and l.patient_id = w.id limit 1
) as l;

-- name: persons_by_snils
-- Persons one of whose patients has this СНИЛС.
select distinct l.person_id
from (select organization_id, id from mpi.patient where snils = %(value)s limit 200) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
order by l.person_id limit 20;

-- name: persons_by_enp
-- Persons one of whose patients has this policy number.
select distinct l.person_id
from (select organization_id, id from mpi.patient where enp = %(value)s limit 200) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
order by l.person_id limit 20;

-- name: persons_by_identity
-- Persons one of whose patients has a document of this number, and of this series if one is given.
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

-- name: person_by_snils
-- The region's person whose this СНИЛС is known to be.
select mpi.person_by_identifier('snils', %(snils)s);

-- name: links_of_person
-- The patients of organisations that stand for the person now.
select l.organization_id, l.patient_id
from mpi.patient_link l
where l.person_id = %(person_id)s
order by l.organization_id, l.patient_id;
