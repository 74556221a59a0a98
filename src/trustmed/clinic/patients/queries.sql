-- name: find_by_name
-- Patients whose name begins so, in Russian order, after a given one. A range, not LIKE: see the generic plan.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and sort_key >= %(low)s and sort_key < %(high)s
  and (sort_key, id) > (%(low)s, %(after)s)
order by sort_key, id
limit %(limit)s;

-- name: find_by_name_and_birth_date
-- The same among those born on a day.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and birth_date = %(birth_date)s
  and sort_key >= %(low)s and sort_key < %(high)s and (sort_key, id) > (%(low)s, %(after)s)
order by sort_key, id
limit %(limit)s;

-- name: find_by_snils
-- Those who have this СНИЛС.
select id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address, sort_key
from mpi.patient
where organization_id = %(organization_id)s and snils = %(snils)s
order by sort_key, id
limit %(limit)s;

-- name: find_by_enp
-- Those who have this policy number.
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
-- A new patient.
insert into mpi.patient
    (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address)
values
    (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s, %(enp)s,
     %(phone)s, %(address)s)
returning id;

-- name: change_patient
-- What is corrected in a patient's card.
update mpi.patient
set surname = %(surname)s, given_name = %(given_name)s, patronymic = %(patronymic)s, birth_date = %(birth_date)s,
    sex = %(sex)s, snils = %(snils)s, enp = %(enp)s, phone = %(phone)s, address = %(address)s,
    updated_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s
returning id;
