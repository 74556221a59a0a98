-- Whether an organisation has seen the person since then: a ground to read the person's record. Only yes or no is told,
-- so it may be asked before any reading is granted.
create function record.treats(of_person uuid, of_organization integer, since timestamptz) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select
        from mpi.patient_link l
        join record.visit v on v.organization_id = l.organization_id and v.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization
          and v.organization_id = of_organization and v.started_at >= since
    );
end;
revoke execute on function record.treats from public;
grant execute on function record.treats to trustmed_region;
