-- A session belongs to an account, and whoever acts in it is what the account is now, not what it was at sign-in.

alter table access.account
    add column is_password_temporary boolean not null default false,  -- given by somebody else: changed before all else
    add column factor bytea,               -- TOTP secret (RFC 6238), sealed by a secret of the deployment
    add column factor_step bigint,         -- of the last code that was taken: none is taken twice
    add column recovery_sha256 text[] not null default '{}';          -- hex, of the recovery codes not used yet

alter table access.session
    add column account_id uuid,            -- null: opened by a program older than this column; `content` names it
    add column organization_id integer,    -- always null at the region: one store serves both
    add column opened_at timestamptz not null default now(),
    add column seen_at timestamptz not null default now(),   -- to ten minutes
    add column device text,                -- in words: "Firefox, Windows"
    add column network text;               -- the address it was opened from
create index session_account on access.session (account_id);

-- A session with its account as it is now.
create function access.session_with_account(of_id text) returns table (
    content bytea, expires_at timestamptz, opened_at timestamptz, account_id uuid, organization_id integer,
    login text, name text, role text, language text, employee_id uuid, is_disabled boolean,
    is_password_temporary boolean, has_factor boolean
)
language sql stable security definer set search_path = ''
begin atomic
    select s.content, s.expires_at, s.opened_at, s.account_id, s.organization_id,
        a.login, a.name, a.role, a.language, null::uuid, a.disabled_at is not null, a.is_password_temporary,
        a.factor is not null
    from access.session s left join access.account a on a.id = s.account_id
    where s.id = of_id and s.expires_at > now();
end;
revoke execute on function access.session_with_account from public;
grant execute on function access.session_with_account to trustmed_region;

-- Accounts as a site's view of the same name shows them.
create view access.staff with (security_invoker = true) as
select null::integer as organization_id, a.id, a.login, a.name, a.role, a.language, a.disabled_at,
    a.is_password_temporary, a.factor is not null as has_factor
from access.account a;
grant select on access.staff to trustmed_region;

-- A client's former token goes on opening for a while after a new one was made, so that nobody is cut off meanwhile.
alter table access.client
    add column former_token_sha256 text unique,
    add column former_until timestamptz;
