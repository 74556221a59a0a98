-- Whether an organisation has signed a document of the person since then: a ground to read the person's record. Only
-- yes or no is told, so it may be asked before any reading is granted.
create function registry.treats(of_person uuid, of_organization integer, since timestamptz) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select
        from mpi.patient_link l
        join registry.document d on d.organization_id = l.organization_id and d.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization
          and d.organization_id = of_organization and d.signed_at >= since
    );
end;
revoke execute on function registry.treats from public;
grant execute on function registry.treats to trustmed_region;
