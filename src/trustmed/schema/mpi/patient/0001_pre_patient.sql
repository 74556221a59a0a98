-- A patient as one organisation knows them. Written by the organisation's site, matched at the region, never rewritten there.

create schema if not exists mpi;
grant usage on schema mpi to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table mpi.patient (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    surname text not null check (surname <> ''),
    given_name text not null check (given_name <> ''),
    patronymic text,
    birth_date date not null,
    sex smallint not null check (sex in (1, 2, 3)),     -- dictionary 1.2.643.5.1.13.13.11.1040
    snils text check (snils ~ '^\d{11}$'),
    enp text check (enp ~ '^\d{16}$'),
    identity_kind text,                                 -- dictionary 1.2.643.5.1.13.13.99.2.48
    identity_series text,
    identity_number text,
    phone text,
    address text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    sort_key text not null generated always as (
        trustmed.sort_key(surname || ' ' || given_name || ' ' || coalesce(patronymic, ''))
    ) stored,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('mpi.patient');

create index patient_order on mpi.patient (organization_id, sort_key);
create index patient_snils on mpi.patient (organization_id, snils);
create index patient_enp on mpi.patient (organization_id, enp);

alter table mpi.patient enable row level security;
create policy own_organization on mpi.patient to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy feed_reads on mpi.patient for select to trustmed_feed using (true);
create policy monitor_reads on mpi.patient for select to trustmed_monitor using (true);
grant select, insert, update on mpi.patient to trustmed_clinic;
grant select on mpi.patient to trustmed_feed, trustmed_link, trustmed_monitor;
