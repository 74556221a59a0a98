-- How far an organisation's signed documents of a person since then prove, to this reader, that the person is treated
-- there: 'proven' by a document of another author, 'new' by what the reader alone has signed lately; null otherwise.
create function registry.documents_prove(
    of_person uuid, of_organization integer, to_reader uuid, since timestamptz, new_since timestamptz
) returns text
language sql stable security definer set search_path = ''
begin atomic
    select case
        when bool_or(d.author_id <> to_reader) then 'proven'
        when bool_or(d.signed_at >= new_since) then 'new'
    end
    from mpi.patient_link l
    join registry.document d on d.organization_id = l.organization_id and d.patient_id = l.patient_id
    where l.person_id = of_person and l.organization_id = of_organization
      and d.organization_id = of_organization and d.signed_at >= since;
end;
revoke execute on function registry.documents_prove from public;
grant execute on function registry.documents_prove to trustmed_region;
