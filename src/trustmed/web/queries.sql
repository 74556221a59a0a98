-- name: find_session
-- The content of a session that has not run out.
select content, expires_at from access.session where id = %(id)s and expires_at > now();

-- name: keep_session
-- Make a session or replace it.
insert into access.session (id, content, expires_at) values (%(id)s, %(content)s, %(expires_at)s)
on conflict (id) do update set content = excluded.content, expires_at = excluded.expires_at;

-- name: prolong_session
-- Move the moment it runs out.
update access.session set expires_at = %(expires_at)s where id = %(id)s;

-- name: drop_session
-- Signing out.
delete from access.session where id = %(id)s;

-- name: drop_sessions
-- Signing everybody out.
delete from access.session;

-- name: drop_expired_sessions
-- What ran out long ago.
delete from access.session where expires_at < now() - interval '1 day';
