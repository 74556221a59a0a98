-- name: accounts
-- Accounts that the transaction may see, with the number of open sessions.
select a.organization_id, a.id, a.login, a.name, a.role, a.disabled_at, a.is_password_temporary, a.has_factor,
    (
        select count(*) from access.session s
        where s.account_id = a.id and s.expires_at > now() and s.opened_at > now() - %(whole_life)s::interval
    ) as sessions
from access.staff a
order by a.organization_id, a.disabled_at is not null, a.login;

-- name: account_named
-- The account with this login.
select a.organization_id, a.id, a.login, a.name, a.role, a.disabled_at, a.is_password_temporary, a.has_factor,
    0 as sessions
from access.staff a
where a.login = lower(%(login)s);

-- name: logins
-- Logins that the transaction may see.
select login from access.staff;

-- name: open_sessions
-- Sessions of an account, the one seen last first.
select id, opened_at, seen_at, device, network from access.session
where account_id = %(account_id)s and expires_at > now() and opened_at > now() - %(whole_life)s::interval
order by seen_at desc, id;
