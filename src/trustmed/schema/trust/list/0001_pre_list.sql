-- Revocation lists of the authorities that clinics' signatures rely on. The region fetches them; they travel to every
-- site as dictionaries do. A list is believed only by the roots of the site's own trust folder, so nothing is checked here.

create schema trust;
grant usage on schema trust to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;

create table trust.revocation_list (
    issuer text primary key check (issuer ~ '^[0-9a-f]{64}$'),   -- SHA-256 of the issuer's name, its key and the list's scope
    name text not null,                    -- the issuer, for people
    number numeric,
    this_update timestamptz not null,
    next_update timestamptz,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea not null check (length(content) between 1 and 50000000),
    carried_at timestamptz not null default clock_timestamp()
);

grant select on trust.revocation_list to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;
grant insert, update on trust.revocation_list to trustmed_region;
