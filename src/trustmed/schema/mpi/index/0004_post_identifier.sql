-- Persons are found by what their patients' rows say.
drop table mpi.person_identifier;
