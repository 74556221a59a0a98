-- name: client_of_token
-- The client system a token belongs to, even a disabled one: the audit log names it when it is refused.
select id, name, scopes, requests_per_second, disabled_at is not null as disabled, organizations
from access.client where token_sha256 = %(token_sha256)s;

-- name: account_of_login
-- An account of the region's staff that may sign in.
select id, login, password_hash, name, role, language
from access.account where login = lower(%(login)s) and disabled_at is null;

-- name: add_client
-- Add a client system; no row if the name is taken.
insert into access.client (name, token_sha256, scopes, requests_per_second, organizations)
values (%(name)s, %(token_sha256)s, %(scopes)s, %(requests_per_second)s, %(organizations)s)
on conflict (name) do nothing
returning id;

-- name: add_account
-- Add an account of the region's staff; no row if the login is taken.
insert into access.account (login, password_hash, name, role, language)
values (lower(%(login)s), %(password_hash)s, %(name)s, %(role)s, %(language)s)
on conflict (login) do nothing
returning id;
