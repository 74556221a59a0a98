-- Which person of the region a patient row stands for. Written by the region's index, replicated to whoever needs it:
-- a site gets the links of its own organisations, the registry and the shards need them for the policy of reading.

create schema if not exists mpi;
grant usage on schema mpi to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table mpi.patient_link (
    organization_id integer not null,
    patient_id uuid not null,
    person_id uuid not null,
    decision text not null check (decision in ('automatic', 'manual')),
    reason text not null,
    linked_at timestamptz not null default clock_timestamp(),
    primary key (organization_id, patient_id)
);
create index patient_link_person on mpi.patient_link (person_id);

alter table mpi.patient_link enable row level security;
create policy own_organization on mpi.patient_link for select to trustmed_clinic
    using (organization_id = trustmed.organization_id());
create policy granted_person on mpi.patient_link for select to trustmed_region
    using (person_id = (select audit.granted_person()));
create policy feed_writes on mpi.patient_link to trustmed_feed using (true) with check (true);
create policy monitor_reads on mpi.patient_link for select to trustmed_monitor using (true);
grant select on mpi.patient_link to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;
grant select, insert, update, delete on mpi.patient_link to trustmed_feed;
