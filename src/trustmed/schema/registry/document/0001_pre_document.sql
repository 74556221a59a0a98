-- The register of electronic medical documents: metadata only, no bodies. Written where the document is signed.

create schema registry;
grant usage on schema registry to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table registry.document (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    set_id uuid not null,
    version_number integer not null default 1,
    patient_id uuid not null,
    visit_id uuid,
    kind text not null,                -- dictionary 1.2.643.5.1.13.13.11.1520
    title text not null,
    author_id uuid not null,
    author_name text not null,
    author_position text not null,
    created_at timestamptz not null,   -- the document's own time
    signed_at timestamptz not null,    -- when the site committed it
    media_type text not null default 'application/xml',
    size_bytes integer not null check (size_bytes > 0),
    sha256 bytea not null check (octet_length(sha256) = 32),
    signature_count smallint not null check (signature_count > 0),
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('registry.document');
create index document_patient on registry.document (organization_id, patient_id, created_at desc);
create index document_visit on registry.document (organization_id, visit_id);

create table registry.document_event (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    document_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    event text not null check (event in ('signed')),
    actor_id uuid not null,
    actor_name text not null,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('registry.document_event');
create index document_event_document on registry.document_event (organization_id, document_id);

alter table registry.document enable row level security;
alter table registry.document_event enable row level security;

-- A signed document is never changed or taken away by those who serve requests: insert and select only.
create policy own_organization on registry.document to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy own_organization on registry.document_event to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert on registry.document, registry.document_event to trustmed_clinic;

create policy granted_person on registry.document for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = document.organization_id and l.patient_id = document.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
create policy granted_person on registry.document_event for select to trustmed_region using (
    exists (
        select from registry.document d
        where d.organization_id = document_event.organization_id and d.id = document_event.document_id
    )
);
grant select on registry.document, registry.document_event to trustmed_region;

create policy feed_reads on registry.document for select to trustmed_feed using (true);
create policy feed_reads on registry.document_event for select to trustmed_feed using (true);
create policy monitor_reads on registry.document for select to trustmed_monitor using (true);
create policy monitor_reads on registry.document_event for select to trustmed_monitor using (true);
grant select on registry.document, registry.document_event to trustmed_feed, trustmed_link, trustmed_monitor;

-- What the region's page shows of the newest registrations: nothing of the patient.
create function registry.newest(how_many integer)
returns table (organization_id integer, id uuid, kind text, title text, signed_at timestamptz, size_bytes integer, sha256 bytea)
language sql stable security definer set search_path = ''
begin atomic
    select d.organization_id, d.id, d.kind, d.title, d.signed_at, d.size_bytes, d.sha256
    from registry.document d order by d.id desc limit least(how_many, 200);
end;
create index document_newest on registry.document (id desc);
revoke execute on function registry.newest from public;
grant execute on function registry.newest to trustmed_region;
