CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA nsi;
ALTER SCHEMA nsi OWNER TO trustmed_owner;
CREATE SCHEMA replication;
ALTER SCHEMA replication OWNER TO trustmed_owner;
CREATE SCHEMA trust;
ALTER SCHEMA trust OWNER TO trustmed_owner;
CREATE SCHEMA trustmed;
ALTER SCHEMA trustmed OWNER TO trustmed_owner;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA trustmed;
COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA trustmed;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE FUNCTION audit.begin_history(former smallint, last_sealed xid8) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
ALTER FUNCTION audit.begin_history(former smallint, last_sealed xid8) OWNER TO trustmed_owner;
CREATE FUNCTION audit.cluster_now(OUT system_identifier bigint, OUT timeline text) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT c.system_identifier,
     "left"(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS "left"
    FROM pg_control_system() c(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified);
END;
ALTER FUNCTION audit.cluster_now(OUT system_identifier bigint, OUT timeline text) OWNER TO trustmed_owner;
CREATE FUNCTION audit.drop_part(part text, by_name text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
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
$_$;
ALTER FUNCTION audit.drop_part(part text, by_name text) OWNER TO trustmed_owner;
CREATE TABLE audit.access (
    id uuid DEFAULT uuidv7() CONSTRAINT access_id_not_null1 NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT access_at_not_null1 NOT NULL,
    organization_id integer,
    actor text CONSTRAINT access_actor_not_null1 NOT NULL,
    actor_name text CONSTRAINT access_actor_name_not_null1 NOT NULL,
    channel text CONSTRAINT access_channel_not_null1 NOT NULL,
    action text CONSTRAINT access_action_not_null1 NOT NULL,
    ground text CONSTRAINT access_ground_not_null1 NOT NULL,
    ground_detail text,
    person_id uuid,
    patient_id uuid,
    document_id uuid,
    outcome text DEFAULT 'granted'::text CONSTRAINT access_outcome_not_null1 NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() CONSTRAINT access_transaction_not_null1 NOT NULL,
    shown uuid[],
    history smallint DEFAULT 1 CONSTRAINT access_history_not_null1 NOT NULL,
    CONSTRAINT access_action_check CHECK ((action ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'::text)),
    CONSTRAINT access_channel_check CHECK ((channel = ANY (ARRAY['site'::text, 'portal'::text, 'region'::text]))),
    CONSTRAINT access_ground_check CHECK ((ground = ANY (ARRAY['own'::text, 'treatment'::text, 'consent'::text, 'break_glass'::text, 'service'::text]))),
    CONSTRAINT access_outcome_check CHECK ((outcome = ANY (ARRAY['granted'::text, 'refused'::text, 'not_found'::text])))
)
PARTITION BY RANGE (at);
ALTER TABLE audit.access OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_glass() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.outcome = 'granted'::text) AND (access.ground = 'break_glass'::text));
END;
ALTER FUNCTION audit.granted_glass() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_index() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM audit.access
           WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.action ~~ 'mpi:index:%'::text) AND (access.ground = 'service'::text) AND (access.outcome = 'granted'::text)))) AS "exists";
END;
ALTER FUNCTION audit.granted_index() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_person() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.outcome = 'granted'::text));
END;
ALTER FUNCTION audit.granted_person() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_trail() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.outcome = 'granted'::text) AND ((access.ground = 'own'::text) OR (access.action = 'audit:trail:read'::text)));
END;
ALTER FUNCTION audit.granted_trail() OWNER TO trustmed_owner;
CREATE TABLE audit.seal (
    number bigint NOT NULL,
    history smallint NOT NULL,
    token uuid NOT NULL,
    after_transaction xid8 NOT NULL,
    through_transaction xid8 NOT NULL,
    rows integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    rows_sha256 bytea NOT NULL,
    previous bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    hash bytea NOT NULL,
    marks bytea NOT NULL,
    CONSTRAINT seal_rows_check CHECK ((rows > 0))
);
ALTER TABLE audit.seal OWNER TO trustmed_owner;
CREATE FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT s.number,
     s.token,
     s.hash,
     s.last_at
    FROM audit.seal s
   ORDER BY s.number DESC
  LIMIT 1;
END;
ALTER FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION trustmed.organization_id() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('trustmed.organization_id'::text, true), ''::text))::integer;
ALTER FUNCTION trustmed.organization_id() OWNER TO trustmed_owner;
CREATE FUNCTION audit.lists_showing(of_patient uuid, most integer) RETURNS SETOF audit.access
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT a.id,
     a.at,
     a.organization_id,
     a.actor,
     a.actor_name,
     a.channel,
     a.action,
     a.ground,
     a.ground_detail,
     a.person_id,
     a.patient_id,
     a.document_id,
     a.outcome,
     a.transaction,
     a.shown,
     a.history
    FROM audit.access a
   WHERE ((a.shown @> ARRAY[lists_showing.of_patient]) AND (a.organization_id = trustmed.organization_id()))
   ORDER BY a.at DESC
  LIMIT lists_showing.most;
END;
ALTER FUNCTION audit.lists_showing(of_patient uuid, most integer) OWNER TO trustmed_owner;
CREATE FUNCTION audit.make_months(ahead integer DEFAULT 2) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
    first_free date := coalesce((
        select max(to_date(substring(c.relname from '^access_until_(\d{4}_\d{2})$'), 'YYYY_MM'))
        from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit.access'::regclass
    ), '-infinity');
    this_month date := date_trunc('month', now() at time zone 'UTC');
    month date;
    name text;
begin
    for step in 0..least(greatest(ahead, 0), 24) loop
        month := this_month + make_interval(months => step);
        name := 'access_' || to_char(month, 'YYYY_MM');
        continue when month < first_free or to_regclass('audit.' || name) is not null;
        execute format('create table audit.%I (like audit.access including defaults including constraints)', name);
        execute format('alter table audit.%I enable row level security', name);
        execute format(
            'with moved as (delete from audit.access_rest where at >= %1$L and at < %2$L returning *)'
            ' insert into audit.%3$I select * from moved',
            month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC', name
        );
        execute format(
            'alter table audit.access attach partition audit.%I for values from (%L) to (%L)',
            name, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC'
        );
    end loop;
end
$_$;
ALTER FUNCTION audit.make_months(ahead integer) OWNER TO trustmed_owner;
CREATE FUNCTION audit.parts(OUT name text, OUT from_at timestamp with time zone, OUT until_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    BEGIN ATOMIC
 SELECT (p.relname)::text AS relname,
     ("substring"(p.bounds, 'FROM \(''([^'']+)''\)'::text))::timestamp with time zone AS "substring",
     ("substring"(p.bounds, 'TO \(''([^'']+)''\)$'::text))::timestamp with time zone AS "substring"
    FROM ( SELECT c.relname,
             pg_get_expr(c.relpartbound, c.oid) AS bounds
            FROM (pg_inherits i
              JOIN pg_class c ON ((c.oid = i.inhrelid)))
           WHERE (i.inhparent = ('audit.access'::regclass)::oid)) p;
END;
ALTER FUNCTION audit.parts(OUT name text, OUT from_at timestamp with time zone, OUT until_at timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION audit.row_sha256(one audit.access) RETURNS bytea
    LANGUAGE sql STABLE
    RETURN sha256(convert_to((jsonb_build_array((one).id, ((EXTRACT(epoch FROM (one).at) * (1000000)::numeric))::bigint, (one).organization_id, (one).actor, (one).actor_name, (one).channel, (one).action, (one).ground, (one).ground_detail, (one).person_id, (one).patient_id, (one).document_id, (one).outcome, ((one).transaction)::text, (one).shown, (one).history))::text, 'UTF8'::name));
ALTER FUNCTION audit.row_sha256(one audit.access) OWNER TO trustmed_owner;
CREATE FUNCTION audit.seal(most integer DEFAULT 1000) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
ALTER FUNCTION audit.seal(most integer) OWNER TO trustmed_owner;
CREATE FUNCTION audit.seal_range(of_history smallint, after_transaction xid8, through_transaction xid8) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
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
$_$;
ALTER FUNCTION audit.seal_range(of_history smallint, after_transaction xid8, through_transaction xid8) OWNER TO trustmed_owner;
CREATE FUNCTION audit.seal_sha256(one audit.seal) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO ''
    RETURN sha256(convert_to((jsonb_build_array((one).number, (one).history, (one).token, ((one).after_transaction)::text, ((one).through_transaction)::text, (one).rows, ((EXTRACT(epoch FROM (one).first_at) * (1000000)::numeric))::bigint, ((EXTRACT(epoch FROM (one).last_at) * (1000000)::numeric))::bigint, encode((one).rows_sha256, 'hex'::text), encode((one).previous, 'hex'::text), ((EXTRACT(epoch FROM (one).sealed_at) * (1000000)::numeric))::bigint, encode(sha256((one).marks), 'hex'::text)))::text, 'UTF8'::name));
ALTER FUNCTION audit.seal_sha256(one audit.seal) OWNER TO trustmed_owner;
CREATE TABLE audit.history (
    number smallint NOT NULL,
    token uuid DEFAULT gen_random_uuid() NOT NULL,
    system_identifier bigint NOT NULL,
    timeline text NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit.history OWNER TO trustmed_owner;
CREATE FUNCTION audit.unsealed(most integer DEFAULT 100000, OUT rows bigint, OUT since timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT count(*) AS count,
     min(r.at) AS min
    FROM ( SELECT a.at
            FROM audit.access a
           WHERE ((a.history = ( SELECT max(h.number) AS max
                    FROM audit.history h)) AND (a.transaction > COALESCE(( SELECT s.through_transaction
                    FROM audit.seal s
                   WHERE (s.history = ( SELECT max(h.number) AS max
                            FROM audit.history h))
                   ORDER BY s.number DESC
                  LIMIT 1), '0'::xid8)))
          LIMIT unsealed.most) r;
END;
ALTER FUNCTION audit.unsealed(most integer, OUT rows bigint, OUT since timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION nsi.folded(written text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(translate(lower(CASE WHEN (written IS NORMALIZED) THEN written ELSE NORMALIZE(written) END), 'ёabcehkmoptxy­​‌‍‎‏⁠﻿'::text, 'еавсенкмортху'::text), '[ 	
!-\-/:-@\[-`{-~«»„“”‘’´–—‐‑―−№§°…·•‰×†≤≥¬       ]+'::text, ' '::text, 'g'::text);
ALTER FUNCTION nsi.folded(written text) OWNER TO trustmed_owner;
CREATE FUNCTION nsi.past_since(content jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN (lower(COALESCE((content ->> 'ACTUAL'::text), (content ->> 'Actual'::text), (content ->> 'REL'::text))) = ANY (ARRAY['0'::text, 'false'::text])) THEN ''::text WHEN (COALESCE((content ->> 'DATEOUT'::text), (content ->> 'DATA_END'::text), (content ->> 'END_DATE'::text)) ~ '^\d{2}\.\d{2}\.\d{4}$'::text) THEN regexp_replace(COALESCE((content ->> 'DATEOUT'::text), (content ->> 'DATA_END'::text), (content ->> 'END_DATE'::text)), '^(..).(..).(....)$'::text, '\3\2\1'::text) ELSE NULL::text END;
ALTER FUNCTION nsi.past_since(content jsonb) OWNER TO trustmed_owner;
CREATE TABLE nsi.entry (
    oid text NOT NULL,
    version text NOT NULL,
    code text,
    name text NOT NULL,
    parent_key text,
    content jsonb DEFAULT '{}'::jsonb NOT NULL,
    key text NOT NULL,
    past_since text GENERATED ALWAYS AS (nsi.past_since(content)) STORED,
    sought text GENERATED ALWAYS AS (((((' '::text || COALESCE(nsi.folded(code), ''::text)) || ' | '::text) || nsi.folded(name)) || ' '::text)) STORED
);
ALTER TABLE nsi.entry OWNER TO trustmed_owner;
CREATE TABLE nsi.version (
    oid text NOT NULL,
    version text NOT NULL,
    title text NOT NULL,
    released_at timestamp without time zone,
    rows integer NOT NULL,
    key_column text NOT NULL,
    code_column text NOT NULL,
    name_column text NOT NULL,
    parent_column text,
    passport jsonb NOT NULL,
    digest text NOT NULL,
    source text NOT NULL,
    imported_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    imported_by text NOT NULL,
    CONSTRAINT version_numbers CHECK ((version ~ '^\d{1,9}(\.\d{1,9})*$'::text)),
    CONSTRAINT version_rows_check CHECK ((rows >= 0))
);
ALTER TABLE nsi.version OWNER TO trustmed_owner;
CREATE FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 DELETE FROM nsi.entry e
    USING nsi.version v
   WHERE ((v.oid = drop_extract.oid_wanted) AND (v.version = drop_extract.version_wanted) AND ((v.passport ->> 'extract'::text))::boolean AND (e.oid = v.oid) AND (e.version = v.version));
END;
ALTER FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) OWNER TO trustmed_owner;
CREATE FUNCTION nsi.only_extracts_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not coalesce((old.passport ->> 'extract')::boolean, false) then
        raise exception 'version % of dictionary % is whole and does not change', old.version, old.oid;
    end if;
    return new;
end
$$;
ALTER FUNCTION nsi.only_extracts_change() OWNER TO trustmed_owner;
CREATE TABLE replication.heartbeat (
    link text NOT NULL,
    seq bigint NOT NULL,
    token uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changes bigint NOT NULL,
    target_lsn pg_lsn
);
ALTER TABLE replication.heartbeat OWNER TO trustmed_owner;
CREATE FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) RETURNS replication.heartbeat
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 DELETE FROM replication.heartbeat
   WHERE ((heartbeat.link = beat.of_link) AND (heartbeat.seq < ( SELECT (max(heartbeat_1.seq) - 200)
            FROM replication.heartbeat heartbeat_1
           WHERE (heartbeat_1.link = beat.of_link))));
 INSERT INTO replication.heartbeat (link, seq, changes, target_lsn)  SELECT beat.of_link AS of_link,
             (COALESCE(max(heartbeat_1.seq), (0)::bigint) + 1),
             beat.of_changes AS of_changes,
             GREATEST(max(heartbeat_1.target_lsn), beat.of_target_lsn) AS "greatest"
            FROM replication.heartbeat heartbeat_1
           WHERE (heartbeat_1.link = beat.of_link)
   RETURNING heartbeat.link,
     heartbeat.seq,
     heartbeat.token,
     heartbeat.at,
     heartbeat.changes,
     heartbeat.target_lsn;
END;
ALTER FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) OWNER TO trustmed_owner;
CREATE FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
begin
    execute format(
        'select count(*), coalesce(sum(hash_record_extended(row(%s), 0)), 0) from %s t where %I >= $1 and %I < $2 and %s'
        ' and not exists (select from replication.quarantine q'
        ' where q.link = $4 and q.relation = $5 and q.reason = $6 and %s)',
        (select string_agg(format('t.%I', name), ', ') from unnest(of_columns) name), of_table::regclass, by_key, by_key,
        case when of_organizations is null then 'true' else 't.organization_id = any ($3)' end,
        (select string_agg(format('q.content ->> %L = t.%I::text', name, name), ' and ') from unnest(primary_key) name)
    ) using first_key, before_key, of_organizations, of_link, of_table, for_reason into rows, hashes;
end
$_$;
ALTER FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) OWNER TO trustmed_owner;
CREATE TABLE replication.loss (
    link text NOT NULL,
    slot text NOT NULL,
    cause text NOT NULL,
    words text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE replication.loss OWNER TO trustmed_owner;
CREATE FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 INSERT INTO replication.loss (link, slot, cause, words)
   VALUES (note_loss.of_link, note_loss.of_slot, note_loss.of_cause, note_loss.of_words) ON CONFLICT(link, slot, cause) DO NOTHING;
END;
ALTER FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) OWNER TO trustmed_owner;
CREATE PROCEDURE trustmed.close_to_monitor(IN of_schema text)
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    one record;
begin
    for one in
        select c.oid::regclass as name, exists (
            select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polname = 'monitor_reads'
        ) as has_policy
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = of_schema and c.relkind in ('r', 'p', 'v') and not c.relispartition
    loop
        execute format('revoke all on %s from trustmed_monitor', one.name);
        if one.has_policy then
            execute format('drop policy monitor_reads on %s', one.name);
        end if;
    end loop;
end
$$;
ALTER PROCEDURE trustmed.close_to_monitor(IN of_schema text) OWNER TO trustmed_owner;
CREATE PROCEDURE trustmed.partition_by_organization(IN parent regclass)
    LANGUAGE plpgsql
    AS $$
begin
    for remainder in 0..15 loop
        execute format(
            'create table %s_p%s partition of %s for values with (modulus 16, remainder %s)',
            parent, lpad(remainder::text, 2, '0'), parent, remainder
        );
    end loop;
end
$$;
ALTER PROCEDURE trustmed.partition_by_organization(IN parent regclass) OWNER TO trustmed_owner;
CREATE FUNCTION trustmed.sort_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((translate(lower(name), 'ё'::text, 'е'::text) || chr(1)) || lower(name));
ALTER FUNCTION trustmed.sort_key(name text) OWNER TO trustmed_owner;
CREATE TABLE audit.dropped (
    part text NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until_at timestamp with time zone NOT NULL,
    rows bigint NOT NULL,
    last_seal bigint NOT NULL,
    partly jsonb NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit.dropped OWNER TO trustmed_owner;
CREATE TABLE audit.kept_anchor (
    id uuid NOT NULL,
    origin text NOT NULL,
    number bigint NOT NULL,
    token uuid NOT NULL,
    hash bytea NOT NULL,
    last_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    arrived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit.kept_anchor OWNER TO trustmed_owner;
CREATE TABLE nsi.alias (
    alias text NOT NULL,
    oid text NOT NULL
);
ALTER TABLE nsi.alias OWNER TO trustmed_owner;
CREATE TABLE nsi.dictionary (
    oid text NOT NULL,
    title text NOT NULL,
    current_version text,
    published_at timestamp with time zone,
    short_title text,
    is_own boolean DEFAULT false NOT NULL,
    CONSTRAINT dictionary_oid_check CHECK ((oid ~ '^[0-2](\.(0|[1-9]\d*))+$'::text))
);
ALTER TABLE nsi.dictionary OWNER TO trustmed_owner;
CREATE TABLE nsi.holding (
    site text NOT NULL,
    oid text NOT NULL,
    version text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE nsi.holding OWNER TO trustmed_owner;
CREATE TABLE nsi.own_draft (
    oid text NOT NULL,
    title text NOT NULL,
    short_title text,
    has_levels boolean NOT NULL,
    columns jsonb NOT NULL,
    based_on text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT own_draft_oid_check CHECK ((oid ~ '^[0-2](\.(0|[1-9]\d*))+$'::text))
);
ALTER TABLE nsi.own_draft OWNER TO trustmed_owner;
CREATE TABLE nsi.own_row (
    oid text NOT NULL,
    key text NOT NULL,
    content jsonb NOT NULL,
    is_withdrawn boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_by text NOT NULL
);
ALTER TABLE nsi.own_row OWNER TO trustmed_owner;
CREATE TABLE nsi.publication (
    id uuid DEFAULT uuidv7() NOT NULL,
    oid text NOT NULL,
    version text NOT NULL,
    before_version text,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    kind text NOT NULL,
    author text NOT NULL,
    reason text,
    CONSTRAINT publication_kind_check CHECK ((kind = ANY (ARRAY['published'::text, 'rolled_back'::text])))
);
ALTER TABLE nsi.publication OWNER TO trustmed_owner;
CREATE TABLE nsi.site_seen (
    site text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE nsi.site_seen OWNER TO trustmed_owner;
CREATE TABLE public.trustmed_migration (
    component text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE public.trustmed_migration OWNER TO postgres;
CREATE TABLE replication.incarnation (
    only_row boolean DEFAULT true NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    CONSTRAINT incarnation_only_row_check CHECK (only_row)
);
ALTER TABLE replication.incarnation OWNER TO trustmed_owner;
CREATE TABLE replication.quarantine (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    link text NOT NULL,
    relation text NOT NULL,
    reason text NOT NULL,
    content jsonb NOT NULL
);
ALTER TABLE replication.quarantine OWNER TO trustmed_owner;
ALTER TABLE replication.quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME replication.quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE trust.revocation_list (
    issuer text NOT NULL,
    name text NOT NULL,
    number numeric,
    this_update timestamp with time zone NOT NULL,
    next_update timestamp with time zone,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    carried_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT revocation_list_content_check CHECK (((length(content) >= 1) AND (length(content) <= 50000000))),
    CONSTRAINT revocation_list_issuer_check CHECK ((issuer ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT revocation_list_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE trust.revocation_list OWNER TO trustmed_owner;
ALTER TABLE ONLY audit.access
    ADD CONSTRAINT access_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY audit.dropped
    ADD CONSTRAINT dropped_pkey PRIMARY KEY (part);
ALTER TABLE ONLY audit.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (number);
ALTER TABLE ONLY audit.history
    ADD CONSTRAINT history_token_key UNIQUE (token);
ALTER TABLE ONLY audit.kept_anchor
    ADD CONSTRAINT kept_anchor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY nsi.alias
    ADD CONSTRAINT alias_pkey PRIMARY KEY (alias);
ALTER TABLE ONLY nsi.dictionary
    ADD CONSTRAINT dictionary_pkey PRIMARY KEY (oid);
ALTER TABLE ONLY nsi.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (oid, version, key);
ALTER TABLE ONLY nsi.holding
    ADD CONSTRAINT holding_pkey PRIMARY KEY (site, oid);
ALTER TABLE ONLY nsi.own_draft
    ADD CONSTRAINT own_draft_pkey PRIMARY KEY (oid);
ALTER TABLE ONLY nsi.own_row
    ADD CONSTRAINT own_row_pkey PRIMARY KEY (oid, key);
ALTER TABLE ONLY nsi.publication
    ADD CONSTRAINT publication_pkey PRIMARY KEY (id);
ALTER TABLE ONLY nsi.site_seen
    ADD CONSTRAINT site_seen_pkey PRIMARY KEY (site);
ALTER TABLE ONLY nsi.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (oid, version);
ALTER TABLE ONLY public.trustmed_migration
    ADD CONSTRAINT trustmed_migration_pkey PRIMARY KEY (component, number);
ALTER TABLE ONLY replication.heartbeat
    ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (link, seq);
ALTER TABLE ONLY replication.incarnation
    ADD CONSTRAINT incarnation_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY replication.loss
    ADD CONSTRAINT loss_pkey PRIMARY KEY (link, slot, cause);
ALTER TABLE ONLY replication.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);
ALTER TABLE ONLY trust.revocation_list
    ADD CONSTRAINT revocation_list_pkey PRIMARY KEY (issuer);
CREATE INDEX access_glass ON ONLY audit.access USING btree (organization_id, at DESC, id DESC) WHERE ((ground = 'break_glass'::text) AND (outcome = 'granted'::text));
CREATE INDEX access_in_order ON ONLY audit.access USING btree (history, transaction, id);
CREATE INDEX access_patient ON ONLY audit.access USING btree (organization_id, patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX access_person ON ONLY audit.access USING btree (person_id, at) WHERE (person_id IS NOT NULL);
CREATE INDEX access_shown ON ONLY audit.access USING gin (shown) WHERE (shown IS NOT NULL);
CREATE INDEX kept_anchor_of ON audit.kept_anchor USING btree (origin, number);
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX alias_oid ON nsi.alias USING btree (oid);
CREATE INDEX entry_begins ON nsi.entry USING btree (oid, version, substr(sought, (strpos(sought, '| '::text) + 2), 60));
CREATE INDEX entry_code ON nsi.entry USING btree (oid, version, code);
CREATE INDEX entry_parent ON nsi.entry USING btree (oid, version, parent_key) WHERE (parent_key IS NOT NULL);
CREATE INDEX entry_sought ON nsi.entry USING gin ((((oid || ' '::text) || version)), sought trustmed.gin_trgm_ops);
CREATE INDEX own_row_parent ON nsi.own_row USING btree (oid, ((content ->> 'PARENT'::text)));
CREATE INDEX publication_oid ON nsi.publication USING btree (oid, id);
CREATE TRIGGER only_extracts_change BEFORE UPDATE ON nsi.version FOR EACH ROW EXECUTE FUNCTION nsi.only_extracts_change();
ALTER TABLE ONLY nsi.alias
    ADD CONSTRAINT alias_oid_fkey FOREIGN KEY (oid) REFERENCES nsi.dictionary(oid);
ALTER TABLE ONLY nsi.own_draft
    ADD CONSTRAINT own_draft_oid_based_on_fkey FOREIGN KEY (oid, based_on) REFERENCES nsi.version(oid, version);
ALTER TABLE ONLY nsi.own_row
    ADD CONSTRAINT own_row_oid_fkey FOREIGN KEY (oid) REFERENCES nsi.own_draft(oid);
ALTER TABLE ONLY nsi.publication
    ADD CONSTRAINT publication_oid_version_fkey FOREIGN KEY (oid, version) REFERENCES nsi.version(oid, version);
ALTER TABLE ONLY nsi.version
    ADD CONSTRAINT version_oid_fkey FOREIGN KEY (oid) REFERENCES nsi.dictionary(oid);
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
GRANT USAGE ON SCHEMA audit TO trustmed_auditor;
GRANT USAGE ON SCHEMA nsi TO trustmed_clinic;
GRANT USAGE ON SCHEMA nsi TO trustmed_region;
GRANT USAGE ON SCHEMA nsi TO trustmed_link;
GRANT USAGE ON SCHEMA nsi TO trustmed_monitor;
GRANT USAGE ON SCHEMA replication TO trustmed_link;
GRANT USAGE ON SCHEMA replication TO trustmed_monitor;
GRANT USAGE ON SCHEMA trust TO trustmed_clinic;
GRANT USAGE ON SCHEMA trust TO trustmed_region;
GRANT USAGE ON SCHEMA trust TO trustmed_link;
GRANT USAGE ON SCHEMA trust TO trustmed_monitor;
GRANT USAGE ON SCHEMA trustmed TO PUBLIC;
REVOKE ALL ON FUNCTION audit.begin_history(former smallint, last_sealed xid8) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.cluster_now(OUT system_identifier bigint, OUT timeline text) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.drop_part(part text, by_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.drop_part(part text, by_name text) TO trustmed_auditor;
GRANT SELECT ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT ON TABLE audit.access TO trustmed_auditor;
GRANT SELECT(id),INSERT(id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(at) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(organization_id),INSERT(organization_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(organization_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(actor_name),INSERT(actor_name) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(actor_name) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(channel),INSERT(channel) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(channel) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(action),INSERT(action) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(action) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(ground),INSERT(ground) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(ground_detail),INSERT(ground_detail) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground_detail) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(person_id),INSERT(person_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(person_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(document_id),INSERT(document_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(document_id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(outcome),INSERT(outcome) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(outcome) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(shown) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(shown) ON TABLE audit.access TO trustmed_region;
GRANT SELECT ON TABLE audit.seal TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) TO trustmed_clinic;
GRANT ALL ON FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) TO trustmed_region;
GRANT ALL ON FUNCTION audit.head(OUT number bigint, OUT token uuid, OUT hash bytea, OUT last_at timestamp with time zone) TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.lists_showing(of_patient uuid, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.lists_showing(of_patient uuid, most integer) TO trustmed_clinic;
REVOKE ALL ON FUNCTION audit.make_months(ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.make_months(ahead integer) TO trustmed_clinic;
GRANT ALL ON FUNCTION audit.make_months(ahead integer) TO trustmed_region;
GRANT ALL ON FUNCTION audit.make_months(ahead integer) TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.parts(OUT name text, OUT from_at timestamp with time zone, OUT until_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.parts(OUT name text, OUT from_at timestamp with time zone, OUT until_at timestamp with time zone) TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.row_sha256(one audit.access) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.seal(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.seal(most integer) TO trustmed_clinic;
GRANT ALL ON FUNCTION audit.seal(most integer) TO trustmed_region;
GRANT ALL ON FUNCTION audit.seal(most integer) TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.seal_range(of_history smallint, after_transaction xid8, through_transaction xid8) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.seal_sha256(one audit.seal) FROM PUBLIC;
GRANT SELECT ON TABLE audit.history TO trustmed_auditor;
REVOKE ALL ON FUNCTION audit.unsealed(most integer, OUT rows bigint, OUT since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.unsealed(most integer, OUT rows bigint, OUT since timestamp with time zone) TO trustmed_clinic;
GRANT ALL ON FUNCTION audit.unsealed(most integer, OUT rows bigint, OUT since timestamp with time zone) TO trustmed_region;
GRANT ALL ON FUNCTION audit.unsealed(most integer, OUT rows bigint, OUT since timestamp with time zone) TO trustmed_auditor;
GRANT SELECT ON TABLE nsi.entry TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.entry TO trustmed_region;
GRANT SELECT ON TABLE nsi.entry TO trustmed_link;
GRANT SELECT ON TABLE nsi.version TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.version TO trustmed_region;
GRANT SELECT ON TABLE nsi.version TO trustmed_link;
REVOKE ALL ON FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) TO trustmed_region;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_link;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_monitor;
GRANT ALL ON FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) TO trustmed_monitor;
GRANT SELECT ON TABLE replication.loss TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) TO trustmed_monitor;
REVOKE ALL ON PROCEDURE trustmed.close_to_monitor(IN of_schema text) FROM PUBLIC;
GRANT SELECT ON TABLE audit.dropped TO trustmed_auditor;
GRANT SELECT ON TABLE audit.kept_anchor TO trustmed_auditor;
GRANT SELECT ON TABLE nsi.alias TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.alias TO trustmed_region;
GRANT SELECT ON TABLE nsi.alias TO trustmed_link;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.dictionary TO trustmed_region;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_link;
GRANT SELECT(oid) ON TABLE nsi.dictionary TO trustmed_monitor;
GRANT SELECT(current_version) ON TABLE nsi.dictionary TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.holding TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.holding TO trustmed_monitor;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.own_draft TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.own_row TO trustmed_region;
GRANT SELECT ON TABLE nsi.publication TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.publication TO trustmed_region;
GRANT SELECT ON TABLE nsi.publication TO trustmed_link;
GRANT SELECT ON TABLE nsi.site_seen TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.site_seen TO trustmed_monitor;
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT(id) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(at) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(link) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(reason) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE trust.revocation_list TO trustmed_region;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_link;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_monitor;
