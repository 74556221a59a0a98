-- Who read or changed what of a patient, when and on what ground. Rows are only ever added.

create schema audit;
grant usage on schema audit to trustmed_clinic, trustmed_region, trustmed_monitor;

create table audit.access (
    id uuid primary key default uuidv7(),
    at timestamptz not null default clock_timestamp(),
    organization_id integer,          -- whose staff acts; null for a citizen or the region's staff
    actor text not null,              -- account or client
    actor_name text not null,
    channel text not null check (channel in ('site', 'portal', 'region')),
    action text not null check (action ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'),   -- subject:object:action
    ground text not null check (ground in ('own', 'treatment', 'consent', 'break_glass', 'service')),
    ground_detail text,
    person_id uuid,
    patient_id uuid,
    document_id uuid,
    outcome text not null default 'granted' check (outcome in ('granted', 'refused', 'not_found')),
    transaction xid8 not null default pg_current_xact_id()
);
create index access_person on audit.access (person_id, at) where person_id is not null;
create index access_patient on audit.access (organization_id, patient_id, at) where patient_id is not null;

alter table audit.access enable row level security;
create policy clinic_reads on audit.access for select to trustmed_clinic
    using (organization_id = trustmed.organization_id());
create policy clinic_writes on audit.access for insert to trustmed_clinic
    with check (organization_id = trustmed.organization_id() and channel = 'site');
create policy region_writes on audit.access for insert to trustmed_region
    with check (channel in ('portal', 'region'));
create policy monitor_reads on audit.access for select to trustmed_monitor using (true);
grant select, insert on audit.access to trustmed_clinic;
grant insert on audit.access to trustmed_region;
grant select on audit.access to trustmed_monitor;

-- The person this very transaction may read: it wrote, itself, the row that says who reads, whom and on what ground.
-- Without such a row the region's roles see nothing of any patient.
create function audit.granted_person() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and outcome = 'granted';
end;
