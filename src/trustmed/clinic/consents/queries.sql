-- name: add_consent
-- Record a patient's consent; no row for a patient of another organisation.
insert into record.consent (organization_id, patient_id, valid_until, recorded_by, recorded_by_name)
select %(organization_id)s, p.id, %(valid_until)s, %(employee_id)s, %(employee_name)s
from mpi.patient p
where p.organization_id = %(organization_id)s and p.id = %(patient_id)s
returning id;

-- name: revoke_consent
-- Revoke a consent; no row if it is not in force.
update record.consent
set revoked_at = clock_timestamp(), revoked_by = %(employee_id)s, revoked_by_name = %(employee_name)s
where organization_id = %(organization_id)s and id = %(id)s and patient_id = %(patient_id)s and revoked_at is null
returning id;

-- name: lock_consents_of_patient
-- Serialise the recording of consents of one patient.
select pg_advisory_xact_lock(hashtextextended('consent ' || %(patient_id)s, %(organization_id)s));

-- name: consents_of_patient
-- The patient's consents, the newest first.
select id, given_at, valid_until, recorded_by_name, revoked_at, revoked_by_name,
       revoked_at is null and (valid_until is null or valid_until >= current_date) as in_force
from record.consent
where organization_id = %(organization_id)s and patient_id = %(patient_id)s
order by given_at desc
limit 50;
