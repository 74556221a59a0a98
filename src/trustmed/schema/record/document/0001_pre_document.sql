-- Bodies and signatures of signed documents: at the site that signed and on its shard of the region's record.

create schema if not exists record;
grant usage on schema record to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table record.document_body (
    organization_id integer not null,
    document_id uuid not null,
    patient_id uuid not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    content bytea not null,            -- the exact signed bytes; never re-serialised
    primary key (organization_id, document_id),
    check (sha256(content) = sha256)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.document_body');

create table record.document_signature (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    document_id uuid not null,
    patient_id uuid not null,
    role text not null check (role in ('doctor', 'organization')),
    signer_name text not null,
    signer_snils text,
    signer_ogrn text,
    algorithm text not null,
    certificate_serial text not null,
    certificate_sha256 text not null,
    claimed_at timestamptz,            -- the signer's own clock
    verified_at timestamptz not null,
    crl_issued_at timestamptz,         -- of the revocation list the check used
    crl_stale boolean not null default false,
    content bytea not null,            -- detached CMS, DER
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.document_signature');
create index document_signature_document on record.document_signature (organization_id, document_id);

alter table record.document_body enable row level security;
alter table record.document_signature enable row level security;
create policy own_organization on record.document_body to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy own_organization on record.document_signature to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert on record.document_body, record.document_signature to trustmed_clinic;

create policy granted_person on record.document_body for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = document_body.organization_id and l.patient_id = document_body.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
create policy granted_person on record.document_signature for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = document_signature.organization_id and l.patient_id = document_signature.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
grant select on record.document_body, record.document_signature to trustmed_region;

create policy feed_reads on record.document_body for select to trustmed_feed using (true);
create policy feed_reads on record.document_signature for select to trustmed_feed using (true);
create policy monitor_reads on record.document_body for select to trustmed_monitor using (true);
create policy monitor_reads on record.document_signature for select to trustmed_monitor using (true);
grant select on record.document_body, record.document_signature to trustmed_feed, trustmed_link, trustmed_monitor;
