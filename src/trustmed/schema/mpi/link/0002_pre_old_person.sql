-- A change of a link must name the person it left too: that person's hot copies are stale as well.
-- An index and not FULL: a publication with a column list cannot carry a table whose identity is the whole row.
create unique index patient_link_identity on mpi.patient_link (organization_id, patient_id, person_id);
alter table mpi.patient_link replica identity using index patient_link_identity;
