-- Rows are sealed behind: in batches, below the oldest transaction that still runs, so that none can appear later below a
-- seal and no reading waits for another. A batch is a range of transactions, which no writer can choose. Each seal holds
-- the hash of the one before, so that a row cannot be changed, removed, added or moved without every later seal changing.
-- The last hash is handed to the other side of the region's links (audit.site_anchor, audit.region_anchor).

-- Histories of this database: numbers of transactions mean something within one of them only. A new one begins when the
-- database finds itself in another cluster (a dump that was restored) or on another timeline (a backup, a fail-over).
create table audit.history (
    number smallint primary key,
    token uuid not null unique default gen_random_uuid(),    -- two restores of one backup begin two histories
    system_identifier bigint not null,
    timeline text not null,
    began_at timestamptz not null default clock_timestamp()
);

create table audit.seal (
    number bigint primary key,               -- 1, 2, 3 …
    history smallint not null,
    token uuid not null,                     -- of the history
    after_transaction xid8 not null,         -- rows of `history` after this transaction
    through_transaction xid8 not null,       -- and up to this one
    rows integer not null check (rows > 0),
    first_at timestamptz not null,           -- least and greatest `at` of the rows
    last_at timestamptz not null,
    rows_sha256 bytea not null,              -- of the rows' SHA-256, in order of (transaction, id, at)
    previous bytea not null,                 -- hash of the seal before; 32 zero bytes in the first
    sealed_at timestamptz not null,
    hash bytea not null,
    marks bytea not null                     -- of each row, in order: its id (16 bytes), the beginning of its SHA-256 (8)
);
create index seal_time on audit.seal (last_at);

-- What was dropped as past keeping. The seals stay.
create table audit.dropped (
    part text primary key,
    from_at timestamptz not null,
    until_at timestamptz not null,
    rows bigint not null,
    last_seal bigint not null,               -- the last seal that has rows of it
    partly jsonb not null,                   -- how many of them were in seals that have other rows too, by number
    by_name text not null,
    at timestamptz not null default clock_timestamp()
);

-- Heads of other databases' chains as they arrived. No link touches them: what a source removes is still here.
create table audit.kept_anchor (
    id uuid primary key,
    origin text not null,                    -- the database, as the topology labels it
    number bigint not null,                  -- of its last seal
    token uuid not null,                     -- of its history then
    hash bytea not null,                     -- of the seal
    last_at timestamptz not null,            -- of the last sealed row
    at timestamptz not null,
    arrived_at timestamptz not null default clock_timestamp()
);
create index kept_anchor_of on audit.kept_anchor (origin, number);

create function audit.cluster_now(out system_identifier bigint, out timeline text)
language sql stable security definer set search_path = ''
begin atomic
    select c.system_identifier, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) from pg_control_system() c;
end;

insert into audit.history (number, system_identifier, timeline)
select 1, c.system_identifier, c.timeline from audit.cluster_now() c;

-- A row as a text that means it and nothing else: the JSON array of its columns, times in microseconds.
-- Its names were looked up when it was made; a setting of its own would keep it from being drawn into queries.
create function audit.row_sha256(one audit.access) returns bytea
language sql stable
return sha256(convert_to(jsonb_build_array(
    one.id, (extract(epoch from one.at) * 1000000)::bigint, one.organization_id, one.actor, one.actor_name, one.channel,
    one.action, one.ground, one.ground_detail, one.person_id, one.patient_id, one.document_id, one.outcome,
    one.transaction::text, one.shown, one.history
)::text, 'UTF8'));

create function audit.seal_sha256(one audit.seal) returns bytea
language sql stable set search_path = ''
return sha256(convert_to(jsonb_build_array(
    one.number, one.history, one.token, one.after_transaction::text, one.through_transaction::text, one.rows,
    (extract(epoch from one.first_at) * 1000000)::bigint, (extract(epoch from one.last_at) * 1000000)::bigint,
    encode(one.rows_sha256, 'hex'), encode(one.previous, 'hex'), (extract(epoch from one.sealed_at) * 1000000)::bigint,
    encode(sha256(one.marks), 'hex')
)::text, 'UTF8'));

-- Seal the rows of a history between two transactions; returns how many they were.
create function audit.seal_range(of_history smallint, after_transaction xid8, through_transaction xid8) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
    one audit.seal;
    before audit.seal;
begin
    select * into before from audit.seal order by number desc limit 1;
    select count(*), min(at), max(at), sha256(coalesce(string_agg(d, ''::bytea order by transaction, id, at), '')),
        coalesce(string_agg(uuid_send(id) || substring(d for 8), ''::bytea order by transaction, id, at), '')
    into one.rows, one.first_at, one.last_at, one.rows_sha256, one.marks
    from (
        select a.id, a.at, a.transaction, audit.row_sha256(a) as d from audit.access a
        where a.history = of_history and a.transaction > $2 and a.transaction <= $3
    ) r;
    if one.rows = 0 then
        return 0;
    end if;
    one.number := coalesce(before.number, 0) + 1;
    one.history := of_history;
    select token into one.token from audit.history where number = of_history;
    one.after_transaction := $2;
    one.through_transaction := $3;
    one.previous := coalesce(before.hash, decode(repeat('00', 32), 'hex'));
    one.sealed_at := clock_timestamp();
    one.hash := audit.seal_sha256(one);
    insert into audit.seal select one.*;
    return one.rows;
end
$$;

-- Seal the next rows, about `most` at once; returns how many. Zero: there are none yet, or somebody else is sealing.
create function audit.seal(most integer default 1000) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
    history audit.history;
    horizon xid8;
    last_sealed xid8;
    final xid8;
begin
    if not pg_try_advisory_xact_lock(8389754676482368353) then   -- "trustmea", the chain's own
        return 0;
    end if;
    select * into history from audit.history h order by h.number desc limit 1;
    select s.through_transaction into last_sealed from audit.seal s where s.history = history.number
    order by s.number desc limit 1;
    last_sealed := coalesce(last_sealed, '0');
    if (history.system_identifier, history.timeline) is distinct from (select (c.system_identifier, c.timeline) from audit.cluster_now() c) then
        return audit.begin_history(history.number, last_sealed);
    end if;
    -- Read before the rows are: whoever ends in between is above the horizon.
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    select max(r.transaction) into final from (
        select a.transaction from audit.access a
        where a.history = history.number and a.transaction > last_sealed and a.transaction < horizon
        order by a.transaction limit least(greatest(most, 1), 100000)
    ) r;
    return case when final is null then 0 else audit.seal_range(history.number, last_sealed, final) end;
end
$$;

-- Seal what the former history left and begin a new one. Nobody writes meanwhile: rows to come bear the new number.
create function audit.begin_history(former smallint, last_sealed xid8) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
    final xid8;
begin
    execute format('alter table audit.access alter column history set default %s', former + 1);
    select max(transaction) into final from audit.access a where a.history = former and a.transaction > last_sealed;
    insert into audit.history (number, system_identifier, timeline)
    select former + 1, c.system_identifier, c.timeline from audit.cluster_now() c;
    return case when final is null then 0 else audit.seal_range(former, last_sealed, final) end;
end
$$;

-- The newest seal, as it is handed to the other side; no row where nothing is sealed.
create function audit.head(out number bigint, out token uuid, out hash bytea, out last_at timestamptz) returns setof record
language sql stable security definer set search_path = ''
begin atomic
    select s.number, s.token, s.hash, s.last_at from audit.seal s order by s.number desc limit 1;
end;

-- The rows no seal has yet: how many (no more than `most` are counted) and since when. They may still be altered unseen.
create function audit.unsealed(most integer default 100000, out rows bigint, out since timestamptz)
language sql stable security definer set search_path = ''
begin atomic
    select count(*), min(r.at) from (
        select a.at from audit.access a
        where a.history = (select max(h.number) from audit.history h)
          and a.transaction > coalesce((
            select s.through_transaction from audit.seal s
            where s.history = (select max(h.number) from audit.history h) order by s.number desc limit 1
        ), '0')
        limit most
    ) r;
end;

-- The parts of the trail and the moments they begin and end at (null: without an end).
create function audit.parts(out name text, out from_at timestamptz, out until_at timestamptz) returns setof record
language sql stable security definer set search_path = '' set timezone = 'UTC' set datestyle = 'ISO'
begin atomic
    select p.relname::text,
        substring(p.bounds from 'FROM \(''([^'']+)''\)')::timestamptz, substring(p.bounds from 'TO \(''([^'']+)''\)$')::timestamptz
    from (
        select c.relname, pg_get_expr(c.relpartbound, c.oid) as bounds
        from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit.access'::regclass
    ) p;
end;

-- Drop a part of the trail that ended longer ago than a year and is sealed whole; returns how many rows it had. That the
-- seals hold, and that the other side has them, is for the command to find out first.
create function audit.drop_part(part text, by_name text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
    record_of audit.dropped;
    unsealed boolean;
begin
    select p.from_at, p.until_at into record_of.from_at, record_of.until_at from audit.parts() p where p.name = part;
    if record_of.until_at is null then
        raise invalid_parameter_value using message = 'no such part of the trail';
    end if;
    record_of.from_at := coalesce(record_of.from_at, '-infinity');
    if record_of.until_at > now() - interval '1 year' then
        raise insufficient_privilege using message = 'a part is kept for a year at least';
    end if;
    execute format(
        'select count(*), exists (select from audit.%1$I a where not exists (select from audit.seal s'
        ' where s.history = a.history and a.transaction > s.after_transaction and a.transaction <= s.through_transaction))'
        ' from audit.%1$I', part
    ) into record_of.rows, unsealed;
    if unsealed then
        raise insufficient_privilege using message = 'the part has rows that no seal has';
    end if;
    execute format(
        'select coalesce(max(s.number), 0),'
        ' coalesce(jsonb_object_agg(s.number, n) filter (where n < s.rows), ''{}'')'
        ' from (select s.number, s.rows, count(*) as n from audit.seal s join audit.%I a on a.history = s.history'
        ' and a.transaction > s.after_transaction and a.transaction <= s.through_transaction'
        ' group by s.number, s.rows) s', part
    ) into record_of.last_seal, record_of.partly;
    execute format('drop table audit.%I', part);
    insert into audit.dropped (part, from_at, until_at, rows, last_seal, partly, by_name)
    values (part, record_of.from_at, record_of.until_at, record_of.rows, record_of.last_seal, record_of.partly, by_name);
    return record_of.rows;
end
$$;

-- The newest lists that showed a patient to the transaction's organisation. A function, since row-level security would not
-- let the index of lists be used: looking into an array may tell of rows that the policy hides.
create function audit.lists_showing(of_patient uuid, most integer) returns setof audit.access
language sql stable security definer set search_path = ''
begin atomic
    select a.* from audit.access a
    where a.shown @> array[of_patient] and a.organization_id = trustmed.organization_id()
    order by a.at desc limit most;
end;

revoke execute on function audit.cluster_now, audit.lists_showing, audit.row_sha256, audit.seal_sha256, audit.seal_range, audit.seal,
    audit.begin_history, audit.head, audit.unsealed, audit.parts, audit.drop_part from public;
grant execute on function audit.seal, audit.head, audit.unsealed to trustmed_clinic, trustmed_region, trustmed_auditor;
grant execute on function audit.lists_showing to trustmed_clinic;
grant execute on function audit.parts, audit.drop_part to trustmed_auditor;
grant select on audit.history, audit.seal, audit.dropped, audit.kept_anchor to trustmed_auditor;
