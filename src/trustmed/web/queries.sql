-- name: find_session
-- A session that has not expired, with its account as it is now.
select content, expires_at, opened_at, account_id, organization_id, login, name, role, language, employee_id,
    is_disabled, is_password_temporary, has_factor
from access.session_with_account(%(id)s);

-- name: open_session
-- Add a session.
insert into access.session (id, content, opened_at, expires_at, account_id, organization_id, device, network)
values (
    %(id)s, %(content)s, %(opened_at)s, %(expires_at)s, %(account_id)s, %(organization_id)s, %(device)s, %(network)s
);

-- name: name_owner_of_session
-- Say whose session it is that a program opened before sessions had owners.
update access.session set account_id = %(account_id)s, organization_id = %(organization_id)s
where id = %(id)s and account_id is null;

-- name: prolong_session
-- Move the time at which a session expires.
update access.session set expires_at = %(expires_at)s, seen_at = now() where id = %(id)s;

-- name: drop_session
-- Delete a session when its owner signs out.
delete from access.session where id = %(id)s;

-- name: drop_expired_sessions
-- Delete sessions that expired long ago.
delete from access.session where expires_at < now() - interval '1 day';
