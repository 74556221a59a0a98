-- name: find_by_name
-- Patients whose name begins so, in Russian order, after a given one. A range and not LIKE: a generic plan uses the index
-- only for a range.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and sort_key >= %(low)s and sort_key < %(high)s
  and (sort_key, id) > (%(low)s, %(after)s)
order by sort_key, id
limit %(limit)s;

-- name: find_by_name_and_birth_date
-- Patients born on a day whose name begins so.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and birth_date = %(birth_date)s
  and sort_key >= %(low)s and sort_key < %(high)s and (sort_key, id) > (%(low)s, %(after)s)
order by sort_key, id
limit %(limit)s;

-- name: find_by_snils
-- Patients with this СНИЛС.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and snils = %(snils)s
order by sort_key, id
limit %(limit)s;

-- name: find_by_enp
-- Patients with this policy number.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and enp = %(enp)s
order by sort_key, id
limit %(limit)s;

-- name: find_patient
-- One patient.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and id = %(id)s;

-- name: add_patient
-- Add a patient.
insert into mpi.patient
    (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address)
values
    (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s, %(enp)s,
     %(phone)s, %(address)s)
returning id;

-- name: change_patient
-- Correct a patient's card.
update mpi.patient
set surname = %(surname)s, given_name = %(given_name)s, patronymic = %(patronymic)s, birth_date = %(birth_date)s,
    sex = %(sex)s, snils = %(snils)s, enp = %(enp)s, phone = %(phone)s, address = %(address)s,
    updated_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s
returning id;

-- name: find_similar
-- Candidates for the same person: by a number, by the date of birth (also with day and month swapped), by the beginning
-- of the surname with the year of birth. Each way has its index and its limit.
with found as materialized (
    (select id from mpi.patient
     where organization_id = %(organization_id)s and snils = %(snils)s limit %(each)s)
    union
    (select id from mpi.patient
     where organization_id = %(organization_id)s and enp = %(enp)s limit %(each)s)
    union
    (select id from mpi.patient
     where organization_id = %(organization_id)s and birth_date = %(born)s limit %(each)s)
    union
    (select id from mpi.patient
     where organization_id = %(organization_id)s and birth_date = %(swapped)s limit %(each)s)
    union
    (select id from mpi.patient
     where organization_id = %(organization_id)s and sort_key >= %(low)s and sort_key < %(high)s
       and birth_date between %(from)s and %(to)s limit %(each)s)
)
select p.id, p.surname, p.given_name, p.patronymic, p.birth_date, p.sex, p.snils, p.enp, p.phone, p.address, p.sort_key,
       p.identity_kind, p.identity_series, p.identity_number
from found
cross join lateral (
    select * from mpi.patient p where p.organization_id = %(organization_id)s and p.id = found.id limit 1
) as p;

-- name: find_link
-- The region's decision on a patient, as it came down to the site.
select decision, reason, linked_at from mpi.patient_link
where organization_id = %(organization_id)s and patient_id = %(id)s;

-- name: find_together
-- The organisation's patients who, by the region's decision, are one person; the patient is among them.
select p.id, p.surname, p.given_name, p.patronymic, p.birth_date, p.sex, p.snils, p.enp, p.phone, p.address, p.sort_key,
       p.identity_kind, p.identity_series, p.identity_number
from mpi.patient_link own
cross join lateral (
    select l.patient_id from mpi.patient_link l
    where l.person_id = own.person_id and l.organization_id = own.organization_id limit 50
) as l
cross join lateral (
    select * from mpi.patient p where p.organization_id = own.organization_id and p.id = l.patient_id limit 1
) as p
where own.organization_id = %(organization_id)s and own.patient_id = %(id)s
order by p.sort_key, p.id;
