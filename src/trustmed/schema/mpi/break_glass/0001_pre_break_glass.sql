-- Notices of emergency access: somebody read a person's record without consent. Written at the region before anything is
-- shown, one for every organisation whose patient the person is, and carried to that organisation's site for its head.

create table mpi.break_glass (
    organization_id integer not null,  -- whose patient the person is
    id uuid not null default uuidv7(),
    patient_id uuid not null,
    person_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    reader_name text not null,
    reader_position text not null,
    reader_organization integer,       -- null: the region itself
    reason text not null check (reason <> ''),
    primary key (organization_id, id)
);
create index break_glass_at on mpi.break_glass (organization_id, at desc, id desc);

alter table mpi.break_glass enable row level security;
create policy own_organization on mpi.break_glass for select to trustmed_clinic
    using (organization_id = trustmed.organization_id());
-- Of the person whose record this very transaction breaks into, and to that person's own clinics only.
create policy granted_glass on mpi.break_glass for insert to trustmed_region with check (
    person_id = (select audit.granted_glass())
    and exists (
        select from mpi.patient_link l
        where l.organization_id = break_glass.organization_id and l.patient_id = break_glass.patient_id
          and l.person_id = break_glass.person_id
    )
);
create policy feed_reads on mpi.break_glass for select to trustmed_feed using (true);
create policy monitor_reads on mpi.break_glass for select to trustmed_monitor using (true);
grant select on mpi.break_glass to trustmed_clinic, trustmed_feed, trustmed_link, trustmed_monitor;
grant insert (organization_id, patient_id, person_id, reader_name, reader_position, reader_organization, reason)
    on mpi.break_glass to trustmed_region;

-- Whether an organisation was told within the hour of this reader's access to this person for this reason.
create function mpi.told_of_glass(
    of_organization integer, of_person uuid, by_name text, by_organization integer, for_reason text
) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from mpi.break_glass b
        where b.organization_id = of_organization and b.at > clock_timestamp() - interval '1 hour'
          and b.person_id = of_person and b.reader_name = by_name and b.reason = for_reason
          and b.reader_organization is not distinct from by_organization
    );
end;
revoke execute on function mpi.told_of_glass from public;
grant execute on function mpi.told_of_glass to trustmed_region;
