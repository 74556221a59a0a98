-- Functions of the server's owner for the link monitor: narrow windows instead of the right to read any file.
create schema if not exists trustmed_server;
grant usage on schema trustmed_server to trustmed_monitor;

-- The ends of the two newest JSON logs, at most max_bytes of each, the newest last.
create or replace function trustmed_server.log_tail(max_bytes integer)
returns table (name text, content bytea)
language sql volatile security definer set search_path = pg_catalog
as $$
    with newest as (
        select l.name, l.size, l.modification from pg_ls_logdir() l
        where l.name like '%.json' order by l.modification desc limit 2
    )
    select n.name, pg_read_binary_file(
        current_setting('log_directory') || '/' || n.name, greatest(n.size - max_bytes, 0), max_bytes, true
    )
    from newest n order by n.modification
$$;

-- How far each subscription of this server has applied its source's history.
create or replace function trustmed_server.origins()
returns table (external_id text, remote_lsn pg_lsn, local_lsn pg_lsn)
language sql stable security definer set search_path = pg_catalog
as $$
    select external_id, remote_lsn, local_lsn from pg_replication_origin_status
$$;

-- Where each subscription connects, without its password; nulls where it is not written as key=value.
create or replace function trustmed_server.subscribed_places()
returns table (subscription oid, host text, port text, database text)
language sql stable security definer set search_path = pg_catalog
as $$
    select
        s.oid,
        (regexp_match(s.subconninfo, '(?:^|\s)host=(\S+)'))[1],
        (regexp_match(s.subconninfo, '(?:^|\s)port=(\S+)'))[1],
        (regexp_match(s.subconninfo, '(?:^|\s)dbname=(\S+)'))[1]
    from pg_subscription s
$$;

revoke execute on all functions in schema trustmed_server from public;
grant execute on all functions in schema trustmed_server to trustmed_monitor;
