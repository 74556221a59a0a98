-- Visits of patients, and which documents a visit knows. Written at the site.

create schema if not exists record;
grant usage on schema record to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table record.visit (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    patient_id uuid not null,
    employee_id uuid not null,
    doctor_name text not null,
    started_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.visit');
create index visit_patient on record.visit (organization_id, patient_id, started_at desc);

-- Written before signing: the documents database may be another one, the visit knows the document by its id.
create table record.visit_document (
    organization_id integer not null,
    visit_id uuid not null,
    document_id uuid not null,
    primary key (organization_id, document_id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.visit_document');
create index visit_document_visit on record.visit_document (organization_id, visit_id);

alter table record.visit enable row level security;
alter table record.visit_document enable row level security;
create policy own_organization on record.visit to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy own_organization on record.visit_document to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert, update on record.visit to trustmed_clinic;
grant select, insert on record.visit_document to trustmed_clinic;

create policy granted_person on record.visit for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = visit.organization_id and l.patient_id = visit.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
grant select on record.visit to trustmed_region;

create policy feed_reads on record.visit for select to trustmed_feed using (true);
create policy monitor_reads on record.visit for select to trustmed_monitor using (true);
create policy feed_reads on record.visit_document for select to trustmed_feed using (true);
create policy monitor_reads on record.visit_document for select to trustmed_monitor using (true);
grant select on record.visit, record.visit_document to trustmed_feed, trustmed_link, trustmed_monitor;
