alter table mpi.patient_link add column skew jsonb;
