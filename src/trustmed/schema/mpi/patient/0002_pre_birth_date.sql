-- Finding a patient by the date of birth alone.
create index patient_birth_date on mpi.patient (organization_id, birth_date, sort_key);
