-- The bounds keep the look-up to one or two months of the trail.
create or replace function audit.granted_booking() returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from audit.access
        where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
          and transaction = pg_current_xact_id_if_assigned()
          and at >= now() - interval '1 day' and at < now() + interval '1 day'
          and action like 'booking:%' and outcome = 'granted'
    );
end;
