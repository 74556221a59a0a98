-- Heads are told of an access whose ground could not be verified as they are of an emergency: the same notice, opened by the
-- row of the trail that says so.
create function mpi.granted_notice() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and outcome = 'granted' and action = 'record:unverified:read';
end;
create policy granted_unverified on mpi.break_glass for insert to trustmed_region with check (
    person_id = (select mpi.granted_notice())
    and exists (
        select from mpi.patient_link l
        where l.organization_id = break_glass.organization_id and l.patient_id = break_glass.patient_id
          and l.person_id = break_glass.person_id
    )
);
