-- The region's authority: certificates issued, codes of enrolment, revocations. Commands work as trustmed_keeper; the web
-- server, as trustmed_region, can only use up a code and record what it signed.

create schema authority;
grant usage on schema authority to trustmed_region, trustmed_keeper, trustmed_monitor;

create table authority.certificate (
    serial text primary key check (serial ~ '^[0-9a-f]+$'),
    kind text not null check (kind in ('site', 'program', 'portal', 'gateway')),
    name text not null,
    organizations integer[] not null,
    not_before timestamptz not null,
    not_after timestamptz not null,
    key_sha256 bytea not null unique,      -- of SubjectPublicKeyInfo: a key is certified once
    content bytea not null,                -- the certificate, DER
    issued_at timestamptz not null default clock_timestamp(),
    way text not null check (way in ('code', 'renewal', 'request', 'command', 'restored')),
    issued_by text not null,
    renews text                            -- the serial number of the certificate by which this one was obtained
);
create index certificate_bearer on authority.certificate (kind, name, not_after);

create table authority.code (
    id uuid primary key default uuidv7(),
    verifier bytea not null unique check (length(verifier) = 32),   -- the public half; the code itself is kept nowhere
    kind text not null check (kind in ('site', 'program', 'portal', 'gateway')),
    name text not null,
    organizations integer[] not null,
    uses text[] not null check (uses <@ array['client', 'server']),
    days integer not null check (days between 1 and 3650),
    hosts text[] not null default '{}',    -- names and addresses of machines, for a server's certificate
    made_at timestamptz not null default clock_timestamp(),
    made_by text not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    serial text,
    check ((used_at is null) = (serial is null))
);

create table authority.revocation (
    serial text primary key,
    at timestamptz not null,
    reason text not null,
    revoked_by text not null
);

grant select on authority.certificate, authority.revocation to trustmed_region, trustmed_keeper, trustmed_monitor;
grant select on authority.code to trustmed_region, trustmed_keeper;
grant insert on authority.certificate to trustmed_region, trustmed_keeper;
grant update (used_at, serial) on authority.code to trustmed_region, trustmed_keeper;
grant insert on authority.code, authority.revocation to trustmed_keeper;

-- The commands record their acts in the trail of the region.
create policy authority_writes on audit.access for insert to trustmed_keeper
    with check (channel = 'region' and action like 'authority:%');
grant usage on schema audit to trustmed_keeper;
grant insert (id, organization_id, actor, actor_name, channel, action, ground, ground_detail, outcome) on audit.access
    to trustmed_keeper;
