-- name: add_visit
-- Begin a visit.
insert into record.visit (organization_id, patient_id, employee_id, doctor_name)
values (%(organization_id)s, %(patient_id)s, %(employee_id)s, %(doctor_name)s)
returning id, patient_id, employee_id, doctor_name, started_at, closed_at;

-- name: find_visit
-- One visit.
select id, patient_id, employee_id, doctor_name, started_at, closed_at
from record.visit
where organization_id = %(organization_id)s and id = %(id)s;

-- name: visits_of_patient
-- A patient's visits, the newest first.
select id, patient_id, employee_id, doctor_name, started_at, closed_at
from record.visit
where organization_id = %(organization_id)s and patient_id = %(patient_id)s
order by started_at desc
limit 100;
