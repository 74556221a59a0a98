-- Whether this very transaction wrote, itself, a row that says who works with the index of patients: a steward compares
-- persons, so one person at a time is not enough. Reading a person's documents still needs that person's own row.
create function audit.granted_index() returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from audit.access
        where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
          and transaction = pg_current_xact_id_if_assigned()
          and action like 'mpi:index:%' and ground = 'service' and outcome = 'granted'
    );
end;
