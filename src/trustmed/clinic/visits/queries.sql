-- name: add_visit
-- Begin a visit.
insert into record.visit (organization_id, patient_id, employee_id, doctor_name)
values (%(organization_id)s, %(patient_id)s, %(employee_id)s, %(doctor_name)s)
returning id, patient_id, employee_id, doctor_name, started_at, closed_at, confirmed_by_name;

-- name: find_visit
-- One visit.
select id, patient_id, employee_id, doctor_name, started_at, closed_at, confirmed_by_name
from record.visit
where organization_id = %(organization_id)s and id = %(id)s;

-- name: visits_of_patient
-- A patient's visits, the newest first.
select id, patient_id, employee_id, doctor_name, started_at, closed_at, confirmed_by_name
from record.visit
where organization_id = %(organization_id)s and patient_id = %(patient_id)s
order by started_at desc
limit 100;

-- name: confirm_visit
-- Note that the patient came: by somebody else than the doctor of the visit, once.
update record.visit
set confirmed_at = clock_timestamp(), confirmed_by = %(employee_id)s, confirmed_by_name = %(employee_name)s
where organization_id = %(organization_id)s and id = %(id)s and confirmed_at is null and employee_id <> %(employee_id)s
returning id, patient_id, employee_id, doctor_name, started_at, closed_at, confirmed_by_name;
