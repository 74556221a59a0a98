-- name: find_session
-- A session that has not expired.
select content, expires_at from access.session where id = %(id)s and expires_at > now();

-- name: store_session
-- Add a session or replace it.
insert into access.session (id, content, expires_at) values (%(id)s, %(content)s, %(expires_at)s)
on conflict (id) do update set content = excluded.content, expires_at = excluded.expires_at;

-- name: prolong_session
-- Move the time at which a session expires.
update access.session set expires_at = %(expires_at)s where id = %(id)s;

-- name: drop_session
-- Delete a session when its owner signs out.
delete from access.session where id = %(id)s;

-- name: drop_sessions
-- Sign everybody out.
delete from access.session;

-- name: drop_expired_sessions
-- Delete sessions that expired long ago.
delete from access.session where expires_at < now() - interval '1 day';
