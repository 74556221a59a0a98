-- name: patients
-- These patients as they are now, how each is linked, and an id for a person should one turn out to be new.
select uuidv7() as new_person, l.person_id, l.decision, l.reason,
       p.organization_id, p.id, p.surname, p.given_name, p.birth_date, p.snils, p.enp
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) with ordinality as w(organization_id, id, number)
cross join lateral (
    select * from mpi.patient p where p.organization_id = w.organization_id and p.id = w.id limit 1
) as p
left join mpi.patient_link l on l.organization_id = p.organization_id and l.patient_id = p.id
order by w.number;

-- name: owners
-- Who is known by these identifiers, and by what else these persons are known.
select i.kind, i.value, i.person_id from mpi.person_identifier i
where i.person_id = any(%(persons)s)
union
select i.kind, i.value, i.person_id
from unnest(%(kinds)s::text[], %(values)s::text[]) as w(kind, value)
join mpi.person_identifier i using (kind, value);

-- name: members
-- The patients linked to these persons, as they are now. (Lateral with a limit: one partition's key a row, never a scan.)
select l.organization_id, l.patient_id, l.person_id, l.decision, l.reason,
       p.surname, p.given_name, p.birth_date, p.snils, p.enp
from mpi.patient_link l
cross join lateral (
    select * from mpi.patient p where p.organization_id = l.organization_id and p.id = l.patient_id limit 1
) as p
where l.person_id = any(%(persons)s);

-- name: apart
-- Other patients who have one of these identifiers and are not linked to the person known by it: who was kept apart
-- from that person, or waits for the identifier to be free. A decision of a human being is not gone into again.
select distinct p.organization_id, p.id
from unnest(%(kinds)s::text[], %(values)s::text[]) as w(kind, value)
cross join lateral (
    select organization_id, id from mpi.patient where w.kind = 'snils' and snils = w.value
    union all
    select organization_id, id from mpi.patient where w.kind = 'enp' and enp = w.value
) as p
cross join lateral (
    select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
) as l
where l.decision = 'automatic'
  and l.person_id is distinct from (
      select i.person_id from mpi.person_identifier i where i.kind = w.kind and i.value = w.value
  )
  and not exists (
      select from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as k(organization_id, id)
      where k.organization_id = p.organization_id and k.id = p.id
  )
order by p.organization_id, p.id limit %(limit)s;

-- name: lock
-- One registration at a time for each identifier and patient; in one order, so that nobody waits in a ring.
select pg_advisory_xact_lock(1836083049, key)
from (select distinct hashtext(name) as key from unnest(%(names)s::text[]) as name order by key) as keys;

-- name: insert_person
-- A person nobody knew.
insert into mpi.person (id) values (%(id)s);

-- name: save_link
-- Never over a decision of a human being.
insert into mpi.patient_link as l (organization_id, patient_id, person_id, decision, reason)
values (%(organization_id)s, %(patient_id)s, %(person_id)s, 'automatic', %(reason)s)
on conflict (organization_id, patient_id) do update set
    person_id = excluded.person_id, reason = excluded.reason, linked_at = clock_timestamp()
where l.decision = 'automatic' and (l.person_id, l.reason) is distinct from (excluded.person_id, excluded.reason);

-- name: save_owner
-- The person known by this identifier.
insert into mpi.person_identifier as i (kind, value, person_id) values (%(kind)s, %(value)s, %(person_id)s)
on conflict (kind, value) do update set person_id = excluded.person_id, since = clock_timestamp()
where i.person_id <> excluded.person_id;

-- name: delete_owner
-- Nobody is known by this identifier any more.
delete from mpi.person_identifier where kind = %(kind)s and value = %(value)s and person_id = %(person_id)s;

-- name: next_patients
-- All patients in the order of their keys, a page at a time.
select organization_id, id from mpi.patient
where (organization_id, id) > (%(organization_id)s, %(id)s)
order by organization_id, id limit %(count)s;
