-- Reference data (НСИ). The truth is the region's; sites hold replicas. Publishing a version turns one pointer.

create schema nsi;
grant usage on schema nsi to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;

create table nsi.dictionary (
    oid text primary key check (oid ~ '^[0-2](\.(0|[1-9]\d*))+$'),
    title text not null,
    current_version text,
    published_at timestamptz
);

create table nsi.entry (
    oid text not null,
    version text not null,
    code text not null,
    name text not null,
    parent_code text,
    content jsonb not null default '{}',
    primary key (oid, version, code)
);

grant select on nsi.dictionary, nsi.entry to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;
