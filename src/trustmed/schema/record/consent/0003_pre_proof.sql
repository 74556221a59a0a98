-- Whether the person consents, today by the server's clock, to this organisation reading their record: 'proven' where
-- somebody else than the reader recorded it, 'new' where only the reader says so, null where there is none in force.
create function record.consent_proves(of_person uuid, of_organization integer, to_reader uuid) returns text
language sql stable security definer set search_path = ''
begin atomic
    select case when bool_or(c.recorded_by <> to_reader) then 'proven' when count(*) > 0 then 'new' end
    from mpi.patient_link l
    join record.consent c on c.organization_id = l.organization_id and c.patient_id = l.patient_id
    where l.person_id = of_person and l.organization_id = of_organization
      and c.revoked_at is null and (c.valid_until is null or c.valid_until >= current_date);
end;
revoke execute on function record.consent_proves from public;
grant execute on function record.consent_proves to trustmed_region;
