-- The person a patient of an organisation stands for: a number for a number, nothing of either.
create function mpi.person_of(of_organization integer, of_patient uuid) returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from mpi.patient_link where organization_id = of_organization and patient_id = of_patient;
end;
revoke execute on function mpi.person_of from public;
grant execute on function mpi.person_of to trustmed_region;
