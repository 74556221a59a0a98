-- Who else has an identifier, in whichever organisation.

create index patient_snils_holder on mpi.patient (snils) where snils is not null;
create index patient_enp_holder on mpi.patient (enp) where enp is not null;
