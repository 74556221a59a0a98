-- What every database of the region and of the sites has: tenant of the transaction, Russian order, partitions, link heartbeats.

create schema if not exists trustmed;
grant usage on schema trustmed to public;

-- The organisation on whose behalf this transaction works; null (and so no rows) when nobody set it.
create function trustmed.organization_id() returns integer
language sql stable parallel safe
return nullif(current_setting('trustmed.organization_id', true), '')::integer;

-- Order of Russian lists without ICU: е and ё together, ё after е among equals. Prefixes stay prefixes.
create function trustmed.sort_key(name text) returns text
language sql immutable strict parallel safe
return translate(lower(name), 'ё', 'е') || chr(1) || lower(name);

-- Sixteen hash partitions by organisation (a subscriber's memory grows with partitions, not with clinics).
create procedure trustmed.partition_by_organization(parent regclass)
language plpgsql
as $$
begin
    for remainder in 0..15 loop
        execute format(
            'create table %s_p%s partition of %s for values with (modulus 16, remainder %s)',
            parent, lpad(remainder::text, 2, '0'), parent, remainder
        );
    end loop;
end
$$;

create schema replication;
grant usage on schema replication to trustmed_link, trustmed_monitor;

-- How many times this database began a new history (a restore, a rebuilt slot). Slot names carry it.
create table replication.incarnation (
    only_row boolean primary key default true check (only_row),
    epoch integer not null default 1
);
insert into replication.incarnation default values;

-- A mark written at the source of a link and carried by the link itself. A mark the target knows and the source does
-- not: the source was restored from a backup. A mark the source sent and the target lacks: a hole.
create table replication.heartbeat (
    link text not null,
    seq bigint not null,
    token uuid not null default gen_random_uuid(),
    at timestamptz not null default clock_timestamp(),
    changes bigint not null,   -- row changes in the link's tables at the source so far, by its statistics
    target_lsn pg_lsn,         -- the furthest position the target was ever seen to have applied
    primary key (link, seq)
);

create function replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn)
returns replication.heartbeat
language sql security definer set search_path = ''
begin atomic
    delete from replication.heartbeat where link = of_link and seq < (
        select max(seq) - 200 from replication.heartbeat where link = of_link
    );
    insert into replication.heartbeat (link, seq, changes, target_lsn)
    select of_link, coalesce(max(seq), 0) + 1, of_changes, greatest(max(target_lsn), of_target_lsn)
    from replication.heartbeat where link = of_link
    returning *;
end;

-- Rows that stood in the way of a link and were set aside by a repair, whole, with the reason.
create table replication.quarantine (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    link text not null,
    relation text not null,
    reason text not null,
    content jsonb not null
);

grant select on replication.incarnation, replication.heartbeat to trustmed_link, trustmed_monitor;
grant select on replication.quarantine to trustmed_monitor;
grant execute on function replication.beat to trustmed_monitor;
