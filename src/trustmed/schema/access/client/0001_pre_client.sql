-- The region's staff accounts, their sessions, and the systems that call its interfaces (portals and others).

create schema access;
grant usage on schema access to trustmed_region;

create table access.client (
    id uuid primary key default uuidv7(),
    name text not null unique,
    token_sha256 text not null unique,   -- hex; the token itself is kept nowhere
    scopes text[] not null check (scopes <@ array['portal', 'metrics']),
    disabled_at timestamptz
);

create table access.account (
    id uuid primary key default uuidv7(),
    login text not null unique check (login = lower(login)),
    password_hash text not null,         -- argon2id
    name text not null,
    role text not null check (role in ('engineer', 'analyst')),
    language text not null default 'ru' check (language in ('ru', 'en')),
    disabled_at timestamptz
);

create table access.session (
    id text primary key,                 -- SHA-256 of the cookie's value, hex
    content bytea not null,
    expires_at timestamptz not null
);
create index session_expiry on access.session (expires_at);

grant select, insert, update, delete on access.session to trustmed_region;
grant select, insert, update on access.client, access.account to trustmed_region;
