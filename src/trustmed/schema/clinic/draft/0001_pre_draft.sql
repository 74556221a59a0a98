-- Work in hand at a site; nothing of it leaves the site.

create schema clinic;
grant usage on schema clinic to trustmed_clinic;

-- A protocol being written. `content` holds the bytes last previewed: exactly these are signed.
create table clinic.draft (
    organization_id integer not null,
    id uuid not null default uuidv7(),     -- becomes the document's id
    visit_id uuid not null,
    patient_id uuid not null,
    author_id uuid not null,
    kind text not null,
    form jsonb not null default '{}',
    content bytea,
    sha256 bytea check (octet_length(sha256) = 32),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create index draft_visit on clinic.draft (organization_id, visit_id);

-- What the official rules said of a document, by the SHA-256 of its bytes.
create table clinic.verdict (
    organization_id integer not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    kind text not null,
    pack_digest text not null,
    passed boolean not null,
    rules_checked integer not null,
    findings jsonb not null,
    checked_at timestamptz not null default clock_timestamp(),
    primary key (organization_id, sha256)
);

alter table clinic.draft enable row level security;
alter table clinic.verdict enable row level security;
create policy own_organization on clinic.draft to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy own_organization on clinic.verdict to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert, update, delete on clinic.draft to trustmed_clinic;
grant select, insert, update on clinic.verdict to trustmed_clinic;
