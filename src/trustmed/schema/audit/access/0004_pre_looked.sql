-- Who looked into a person's record is shown to that person, and to whoever recorded that the trail itself is read.

-- The person whose trail this very transaction may read.
create function audit.granted_trail() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and outcome = 'granted' and (ground = 'own' or action = 'audit:trail:read');
end;

-- The person to whose record this very transaction takes the emergency access.
create function audit.granted_glass() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and outcome = 'granted' and ground = 'break_glass';
end;

create policy granted_trail on audit.access for select to trustmed_region
    using (outcome = 'granted' and person_id = (select audit.granted_trail()));
grant select (
    id, at, organization_id, actor_name, channel, action, ground, ground_detail, person_id, document_id, outcome
) on audit.access to trustmed_region;

create index access_glass on audit.access (organization_id, at desc, id desc)
    where ground = 'break_glass' and outcome = 'granted';
