-- How far an organisation's visits of a person since then prove, to this reader, that the person is treated there:
-- 'proven' by a visit of another doctor or one that somebody else confirmed; 'new' by what the reader alone has begun
-- lately; null otherwise. Nothing else is told, so it may be asked before any reading is granted.
create function record.visits_prove(
    of_person uuid, of_organization integer, to_reader uuid, since timestamptz, new_since timestamptz
) returns text
language sql stable security definer set search_path = ''
begin atomic
    select case
        when bool_or(v.employee_id <> to_reader or v.confirmed_by <> to_reader) then 'proven'
        when bool_or(v.started_at >= new_since) then 'new'
    end
    from mpi.patient_link l
    join record.visit v on v.organization_id = l.organization_id and v.patient_id = l.patient_id
    where l.person_id = of_person and l.organization_id = of_organization
      and v.organization_id = of_organization and v.started_at >= since;
end;
revoke execute on function record.visits_prove from public;
grant execute on function record.visits_prove to trustmed_region;
