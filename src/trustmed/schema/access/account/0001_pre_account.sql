-- Staff and their accounts at a site (tenant rows), and signed-in sessions.

create schema access;
grant usage on schema access to trustmed_clinic, trustmed_region;

create table access.employee (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    surname text not null,
    given_name text not null,
    patronymic text,
    snils text check (snils ~ '^\d{11}$'),
    position_code text not null,      -- dictionary 1.2.643.5.1.13.13.11.1002
    primary key (organization_id, id)
);

create table access.account (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    login text not null unique check (login = lower(login)),
    password_hash text not null,      -- argon2id
    role text not null check (role in ('doctor', 'registrar', 'head', 'engineer')),
    employee_id uuid not null,
    language text not null default 'ru' check (language in ('ru', 'en')),
    disabled_at timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, employee_id) references access.employee (organization_id, id)
);

alter table access.employee enable row level security;
alter table access.account enable row level security;
create policy own_organization on access.employee to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy own_organization on access.account to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert, update on access.employee, access.account to trustmed_clinic;

-- Signing in happens before the organisation is known, hence a function and not a policy.
create function access.account_for_login(of_login text) returns setof access.account
language sql stable security definer set search_path = ''
begin atomic
    select * from access.account where login = lower(of_login) and disabled_at is null;
end;
revoke execute on function access.account_for_login from public;
grant execute on function access.account_for_login to trustmed_clinic;

-- Sessions live here; Redis only keeps hot copies.
create table access.session (
    id text primary key,              -- SHA-256 of the cookie's value, hex
    content bytea not null,
    expires_at timestamptz not null
);
create index session_expiry on access.session (expires_at);
grant select, insert, update, delete on access.session to trustmed_clinic;
