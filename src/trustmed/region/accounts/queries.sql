-- name: client_of_token
-- The client system a token belongs to, even a disabled one: the audit log names it when it is refused.
select id, name, scopes, requests_per_second, disabled_at is not null as disabled, organizations,
       audience, key_thumbprint
from access.client
where token_sha256 = %(token_sha256)s or (former_token_sha256 = %(token_sha256)s and former_until > now());

-- name: account_of_login
-- An account of the region's staff that may sign in.
select id, login, password_hash, name, role, language, is_password_temporary, factor
from access.account where login = lower(%(login)s) and disabled_at is null;

-- name: take_factor_step
select access.take_factor_step(%(account_id)s, %(step)s);

-- name: take_recovery_code
select access.take_recovery_code(%(account_id)s, %(sha256)s);

-- name: set_factor
select access.set_factor(%(session)s, %(factor)s, %(step)s, %(recovery)s);

-- name: reset_factor
select access.reset_factor(%(by_account)s, %(by_name)s, %(account_id)s);

-- name: note_at_the_door
-- Who signed in or out, or was refused: region's staff.
insert into audit.access (actor, actor_name, channel, action, ground, ground_detail, outcome)
values (%(actor)s, %(actor_name)s, 'region', %(action)s, 'own', %(detail)s, %(outcome)s);

-- name: add_client
-- Add a client system; null if the name is taken.
select access.add_client(
    %(by_account)s, %(by_name)s, %(name)s, %(token_sha256)s, %(scopes)s, %(requests_per_second)s, %(organizations)s
);

-- name: clients
-- All client systems, the disabled ones last.
select id, name, scopes, requests_per_second, disabled_at is not null as disabled, organizations
from access.client order by disabled_at is not null, name;

-- name: set_client_disabled
select access.set_client_disabled(%(by_account)s, %(by_name)s, %(client_id)s, %(is_disabled)s);

-- name: rotate_client
select access.rotate_client(%(by_account)s, %(by_name)s, %(client_id)s, %(token_sha256)s, %(overlap)s);

-- name: bind_portal
select access.bind_portal(%(by_account)s, %(by_name)s, %(client_id)s, %(audience)s, %(thumbprint)s);

-- name: add_account
-- Add an account of the region's staff; null if the login is taken.
select access.add_account(
    %(by_account)s, %(by_name)s, %(login)s, %(password_hash)s, %(name)s, %(role)s, %(language)s
);

-- name: set_account_role
select access.set_account_role(%(by_account)s, %(by_name)s, %(account_id)s, %(role)s);

-- name: set_account_disabled
select access.set_account_disabled(%(by_account)s, %(by_name)s, %(account_id)s, %(is_disabled)s);

-- name: set_account_password
select access.set_password(%(by_account)s, %(by_name)s, %(account_id)s, %(password_hash)s);

-- name: end_account_sessions
-- Ids of the sessions that ended.
select access.end_sessions(%(by_account)s, %(by_name)s, %(account_id)s, %(except_id)s);

-- name: is_last_of_role
-- Whether nobody else enabled has the account's role.
select access.is_last_of_role(%(account_id)s);
