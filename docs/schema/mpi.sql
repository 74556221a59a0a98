CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA feed;
ALTER SCHEMA feed OWNER TO trustmed_owner;
CREATE SCHEMA mpi;
ALTER SCHEMA mpi OWNER TO trustmed_owner;
CREATE SCHEMA replication;
ALTER SCHEMA replication OWNER TO trustmed_owner;
CREATE SCHEMA trustmed;
ALTER SCHEMA trustmed OWNER TO trustmed_owner;
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
CREATE TABLE audit.region_anchor (
    id uuid DEFAULT uuidv7() NOT NULL,
    origin text NOT NULL,
    number bigint NOT NULL,
    token uuid NOT NULL,
    hash bytea NOT NULL,
    last_at timestamp with time zone NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit.region_anchor OWNER TO trustmed_owner;
CREATE FUNCTION audit.hand_over_at_region(of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 INSERT INTO audit.region_anchor (origin, number, token, hash, last_at)  SELECT hand_over_at_region.of_origin AS of_origin,
             hand_over_at_region.of_number AS of_number,
             hand_over_at_region.of_token AS of_token,
             hand_over_at_region.of_hash AS of_hash,
             hand_over_at_region.of_last_at AS of_last_at
           WHERE (hand_over_at_region.of_hash IS DISTINCT FROM ( SELECT a.hash
                    FROM audit.region_anchor a
                   WHERE (a.origin = hand_over_at_region.of_origin)
                   ORDER BY a.id DESC
                  LIMIT 1));
END;
ALTER FUNCTION audit.hand_over_at_region(of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) OWNER TO trustmed_owner;
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
CREATE FUNCTION audit.keep_region_anchor() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into audit.kept_anchor (id, origin, number, token, hash, last_at, at)
    values (new.id, new.origin, new.number, new.token, new.hash, new.last_at, new.at)
    on conflict do nothing;
    return null;
end
$$;
ALTER FUNCTION audit.keep_region_anchor() OWNER TO trustmed_owner;
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
CREATE FUNCTION mpi.granted_notice() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.outcome = 'granted'::text) AND (access.action = 'record:unverified:read'::text));
END;
ALTER FUNCTION mpi.granted_notice() OWNER TO trustmed_owner;
CREATE FUNCTION trustmed.sort_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((translate(lower(name), 'ё'::text, 'е'::text) || chr(1)) || lower(name));
ALTER FUNCTION trustmed.sort_key(name text) OWNER TO trustmed_owner;
CREATE TABLE mpi.patient (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    surname text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    birth_date date NOT NULL,
    sex smallint NOT NULL,
    snils text,
    enp text,
    identity_kind text,
    identity_series text,
    identity_number text,
    phone text,
    address text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sort_key text GENERATED ALWAYS AS (trustmed.sort_key(((((surname || ' '::text) || given_name) || ' '::text) || COALESCE(patronymic, ''::text)))) STORED NOT NULL,
    CONSTRAINT patient_enp_check CHECK ((enp ~ '^\d{16}$'::text)),
    CONSTRAINT patient_given_name_check CHECK ((given_name <> ''::text)),
    CONSTRAINT patient_sex_check CHECK ((sex = ANY (ARRAY[1, 2, 3]))),
    CONSTRAINT patient_snils_check CHECK ((snils ~ '^\d{11}$'::text)),
    CONSTRAINT patient_surname_check CHECK ((surname <> ''::text))
)
PARTITION BY HASH (organization_id);
ALTER TABLE mpi.patient OWNER TO trustmed_owner;
CREATE TABLE mpi.patient_link (
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    person_id uuid NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    linked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT patient_link_decision_check CHECK ((decision = ANY (ARRAY['automatic'::text, 'manual'::text])))
);
ALTER TABLE mpi.patient_link OWNER TO trustmed_owner;
CREATE FUNCTION mpi.person_by_identifier(of_kind text, of_value text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT l.person_id
    FROM ((( SELECT patient.organization_id,
             patient.id
            FROM mpi.patient
           WHERE ((person_by_identifier.of_kind = 'snils'::text) AND (patient.snils = person_by_identifier.of_value))
          LIMIT 200)
         UNION ALL
         ( SELECT patient.organization_id,
             patient.id
            FROM mpi.patient
           WHERE ((person_by_identifier.of_kind = 'enp'::text) AND (patient.enp = person_by_identifier.of_value))
          LIMIT 200)) p
      JOIN mpi.patient_link l ON (((l.organization_id = p.organization_id) AND (l.patient_id = p.id))))
   GROUP BY l.person_id
   ORDER BY (count(*)) DESC, l.person_id
  LIMIT 1;
END;
ALTER FUNCTION mpi.person_by_identifier(of_kind text, of_value text) OWNER TO trustmed_owner;
CREATE FUNCTION mpi.person_of(of_organization integer, of_patient uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT patient_link.person_id
    FROM mpi.patient_link
   WHERE ((patient_link.organization_id = person_of.of_organization) AND (patient_link.patient_id = person_of.of_patient));
END;
ALTER FUNCTION mpi.person_of(of_organization integer, of_patient uuid) OWNER TO trustmed_owner;
CREATE TABLE mpi.spent_proof (
    sha256 text NOT NULL,
    until timestamp with time zone NOT NULL
);
ALTER TABLE mpi.spent_proof OWNER TO trustmed_owner;
CREATE FUNCTION mpi.spend_proof(with_sha256 text, until_then timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 DELETE FROM mpi.spent_proof
   WHERE (spent_proof.sha256 IN ( SELECT spent_proof_1.sha256
            FROM mpi.spent_proof spent_proof_1
           WHERE (spent_proof_1.until < clock_timestamp())
           ORDER BY spent_proof_1.until
          LIMIT 2
          FOR UPDATE OF spent_proof_1 SKIP LOCKED));
 INSERT INTO mpi.spent_proof (sha256, until)
   VALUES (spend_proof.with_sha256, spend_proof.until_then) ON CONFLICT DO NOTHING
   RETURNING true;
END;
ALTER FUNCTION mpi.spend_proof(with_sha256 text, until_then timestamp with time zone) OWNER TO trustmed_owner;
CREATE TABLE mpi.break_glass (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    person_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    reader_name text NOT NULL,
    reader_position text NOT NULL,
    reader_organization integer,
    reason text NOT NULL,
    CONSTRAINT break_glass_reason_check CHECK ((reason <> ''::text))
);
ALTER TABLE mpi.break_glass OWNER TO trustmed_owner;
CREATE FUNCTION mpi.told_of_glass(of_organization integer, of_person uuid, by_name text, by_organization integer, for_reason text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM mpi.break_glass b
           WHERE ((b.organization_id = told_of_glass.of_organization) AND (b.at > (clock_timestamp() - '01:00:00'::interval)) AND (b.person_id = told_of_glass.of_person) AND (b.reader_name = told_of_glass.by_name) AND (b.reason = told_of_glass.for_reason) AND (NOT (b.reader_organization IS DISTINCT FROM told_of_glass.by_organization))))) AS "exists";
END;
ALTER FUNCTION mpi.told_of_glass(of_organization integer, of_person uuid, by_name text, by_organization integer, for_reason text) OWNER TO trustmed_owner;
CREATE TABLE mpi.citizen_question (
    id uuid DEFAULT uuidv7() NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    identity_sha256 text NOT NULL,
    snils text NOT NULL,
    surname text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    birth_date date NOT NULL,
    sub text NOT NULL,
    client_name text NOT NULL,
    closed_at timestamp with time zone,
    outcome text,
    person_id uuid,
    cards_sha256 text,
    closed_by text,
    closing_reason text,
    CONSTRAINT citizen_question_check CHECK (((closed_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT citizen_question_outcome_check CHECK ((outcome = ANY (ARRAY['same'::text, 'not_same'::text, 'moot'::text]))),
    CONSTRAINT citizen_question_snils_check CHECK ((snils ~ '^\d{11}$'::text))
);
ALTER TABLE mpi.citizen_question OWNER TO trustmed_owner;
CREATE TABLE mpi.pin (
    person_id uuid NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    author text NOT NULL,
    author_name text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pin_reason_check CHECK ((reason <> ''::text))
);
ALTER TABLE mpi.pin OWNER TO trustmed_owner;
CREATE FUNCTION mpi.version_of_number(of_snils text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 WITH persons AS MATERIALIZED (
          SELECT DISTINCT l.person_id
            FROM (( SELECT patient.organization_id,
                     patient.id
                    FROM mpi.patient
                   WHERE (patient.snils = version_of_number.of_snils)
                  LIMIT 200) p
              CROSS JOIN LATERAL ( SELECT l_1.organization_id,
                     l_1.patient_id,
                     l_1.person_id,
                     l_1.decision,
                     l_1.reason,
                     l_1.linked_at
                    FROM mpi.patient_link l_1
                   WHERE ((l_1.organization_id = p.organization_id) AND (l_1.patient_id = p.id))
                  LIMIT 1) l)
         ), told AS (
          SELECT concat_ws(' '::text, m.person_id, m.organization_id, m.patient_id, m.xmin, p.xmin) AS line
            FROM ((persons
              CROSS JOIN LATERAL ( SELECT m_1.organization_id,
                     m_1.patient_id,
                     m_1.person_id,
                     m_1.decision,
                     m_1.reason,
                     m_1.linked_at,
                     m_1.xmin
                    FROM mpi.patient_link m_1
                   WHERE (m_1.person_id = persons.person_id)
                  LIMIT 200) m)
              CROSS JOIN LATERAL ( SELECT p_1.xmin
                    FROM mpi.patient p_1
                   WHERE ((p_1.organization_id = m.organization_id) AND (p_1.id = m.patient_id))
                  LIMIT 1) p)
         UNION ALL
          SELECT concat_ws(' '::text, 'pin', n.person_id, n.field, n.xmin) AS concat_ws
            FROM (persons
              CROSS JOIN LATERAL ( SELECT n_1.person_id,
                     n_1.field,
                     n_1.value,
                     n_1.at,
                     n_1.author,
                     n_1.author_name,
                     n_1.reason,
                     n_1.xmin
                    FROM mpi.pin n_1
                   WHERE (n_1.person_id = persons.person_id)
                  LIMIT 20) n)
         UNION ALL
          SELECT concat_ws(' '::text, 'answer', q.id, q.xmin) AS concat_ws
            FROM ( SELECT citizen_question.id,
                     citizen_question.xmin
                    FROM mpi.citizen_question
                   WHERE ((citizen_question.snils = version_of_number.of_snils) AND (citizen_question.closed_at IS NOT NULL))
                  LIMIT 200) q
         )
  SELECT encode(sha256(convert_to(string_agg(told.line, ','::text ORDER BY told.line), 'UTF8'::name)), 'hex'::text) AS encode
    FROM told
   WHERE (EXISTS ( SELECT
            FROM persons));
END;
ALTER FUNCTION mpi.version_of_number(of_snils text) OWNER TO trustmed_owner;
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
CREATE TABLE feed.parked (
    id bigint NOT NULL,
    consumer text NOT NULL,
    lsn pg_lsn NOT NULL,
    relation text NOT NULL,
    change jsonb NOT NULL,
    error text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    parked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    key text NOT NULL
);
ALTER TABLE feed.parked OWNER TO trustmed_owner;
ALTER TABLE feed.parked ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME feed.parked_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE feed."position" (
    consumer text NOT NULL,
    lsn pg_lsn NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changes bigint DEFAULT 0 NOT NULL,
    last_error text,
    last_error_at timestamp with time zone,
    publication text
);
ALTER TABLE feed."position" OWNER TO trustmed_owner;
CREATE TABLE mpi.act (
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    other_person_id uuid NOT NULL,
    author text NOT NULL,
    author_name text NOT NULL,
    reason text NOT NULL,
    undone_at timestamp with time zone,
    undone_by text,
    undone_reason text,
    CONSTRAINT act_kind_check CHECK ((kind = ANY (ARRAY['merge'::text, 'split'::text, 'not_same'::text]))),
    CONSTRAINT act_reason_check CHECK ((reason <> ''::text))
);
ALTER TABLE mpi.act OWNER TO trustmed_owner;
CREATE TABLE mpi.act_link (
    act_id uuid NOT NULL,
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    person_before uuid NOT NULL,
    decision_before text NOT NULL,
    reason_before text NOT NULL,
    linked_before timestamp with time zone NOT NULL,
    person_after uuid NOT NULL
);
ALTER TABLE mpi.act_link OWNER TO trustmed_owner;
CREATE TABLE mpi.decision (
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    kind text NOT NULL,
    organization_id integer,
    patient_id uuid,
    person_id uuid NOT NULL,
    former_person_id uuid,
    author text NOT NULL,
    author_name text NOT NULL,
    reason text NOT NULL,
    act_id uuid,
    weight real,
    model text,
    explanation jsonb,
    CONSTRAINT decision_kind_check CHECK ((kind = ANY (ARRAY['linked'::text, 'moved'::text, 'parted'::text, 'asked'::text, 'merged'::text, 'split'::text, 'undone'::text, 'kept_apart'::text, 'let_together'::text, 'pinned'::text, 'unpinned'::text])))
);
ALTER TABLE mpi.decision OWNER TO trustmed_owner;
CREATE TABLE mpi.key (
    key bigint NOT NULL,
    number bigint NOT NULL
);
ALTER TABLE mpi.key OWNER TO trustmed_owner;
CREATE TABLE mpi.not_same (
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    other_organization_id integer NOT NULL,
    other_patient_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    act_id uuid NOT NULL,
    CONSTRAINT not_same_check CHECK ((ROW(organization_id, patient_id) < ROW(other_organization_id, other_patient_id)))
);
ALTER TABLE mpi.not_same OWNER TO trustmed_owner;
CREATE TABLE mpi.person (
    id uuid DEFAULT uuidv7() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    merged_into uuid,
    merged_at timestamp with time zone
);
ALTER TABLE mpi.person OWNER TO trustmed_owner;
CREATE TABLE mpi.profile (
    number bigint NOT NULL,
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    content bytea NOT NULL,
    keys bigint[] NOT NULL
);
ALTER TABLE mpi.profile OWNER TO trustmed_owner;
CREATE SEQUENCE mpi.profile_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE mpi.profile_number OWNER TO trustmed_owner;
ALTER SEQUENCE mpi.profile_number OWNED BY mpi.profile.number;
CREATE TABLE mpi.rematch (
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE mpi.rematch OWNER TO trustmed_owner;
CREATE TABLE mpi.review (
    id uuid DEFAULT uuidv7() NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    other_organization_id integer NOT NULL,
    other_patient_id uuid NOT NULL,
    weight real NOT NULL,
    priority smallint NOT NULL,
    reason text NOT NULL,
    model text NOT NULL,
    explanation jsonb NOT NULL,
    postponed_until timestamp with time zone,
    closed_at timestamp with time zone,
    outcome text,
    closed_by text,
    closing_reason text,
    act_id uuid,
    CONSTRAINT review_check CHECK (((closed_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT review_check1 CHECK ((ROW(organization_id, patient_id) < ROW(other_organization_id, other_patient_id))),
    CONSTRAINT review_outcome_check CHECK ((outcome = ANY (ARRAY['same'::text, 'not_same'::text, 'moot'::text])))
);
ALTER TABLE mpi.review OWNER TO trustmed_owner;
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
ALTER TABLE ONLY audit.region_anchor
    ADD CONSTRAINT region_anchor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY feed.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (id);
ALTER TABLE ONLY feed."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY mpi.act_link
    ADD CONSTRAINT act_link_pkey PRIMARY KEY (act_id, organization_id, patient_id);
ALTER TABLE ONLY mpi.act
    ADD CONSTRAINT act_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mpi.break_glass
    ADD CONSTRAINT break_glass_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY mpi.citizen_question
    ADD CONSTRAINT citizen_question_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mpi.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mpi.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (key, number);
ALTER TABLE ONLY mpi.not_same
    ADD CONSTRAINT not_same_pkey PRIMARY KEY (organization_id, patient_id, other_organization_id, other_patient_id);
ALTER TABLE ONLY mpi.patient_link
    ADD CONSTRAINT patient_link_pkey PRIMARY KEY (organization_id, patient_id);
ALTER TABLE ONLY mpi.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY mpi.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mpi.pin
    ADD CONSTRAINT pin_pkey PRIMARY KEY (person_id, field);
ALTER TABLE ONLY mpi.profile
    ADD CONSTRAINT profile_organization_id_patient_id_key UNIQUE (organization_id, patient_id);
ALTER TABLE ONLY mpi.profile
    ADD CONSTRAINT profile_pkey PRIMARY KEY (number);
ALTER TABLE ONLY mpi.rematch
    ADD CONSTRAINT rematch_pkey PRIMARY KEY (organization_id, patient_id);
ALTER TABLE ONLY mpi.review
    ADD CONSTRAINT review_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mpi.spent_proof
    ADD CONSTRAINT spent_proof_pkey PRIMARY KEY (sha256);
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
CREATE INDEX access_glass ON ONLY audit.access USING btree (organization_id, at DESC, id DESC) WHERE ((ground = 'break_glass'::text) AND (outcome = 'granted'::text));
CREATE INDEX access_in_order ON ONLY audit.access USING btree (history, transaction, id);
CREATE INDEX access_patient ON ONLY audit.access USING btree (organization_id, patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX access_person ON ONLY audit.access USING btree (person_id, at) WHERE (person_id IS NOT NULL);
CREATE INDEX access_shown ON ONLY audit.access USING gin (shown) WHERE (shown IS NOT NULL);
CREATE INDEX kept_anchor_of ON audit.kept_anchor USING btree (origin, number);
CREATE INDEX region_anchor_newest ON audit.region_anchor USING btree (origin, id DESC);
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX parked_due ON feed.parked USING btree (next_try_at);
CREATE INDEX parked_key ON feed.parked USING btree (consumer, key, id);
CREATE INDEX act_link_patient ON mpi.act_link USING btree (organization_id, patient_id, act_id);
CREATE INDEX act_other ON mpi.act USING btree (other_person_id, id);
CREATE INDEX act_person ON mpi.act USING btree (person_id, id);
CREATE INDEX break_glass_at ON mpi.break_glass USING btree (organization_id, at DESC, id DESC);
CREATE INDEX citizen_question_identity ON mpi.citizen_question USING btree (identity_sha256, closed_at);
CREATE UNIQUE INDEX citizen_question_open ON mpi.citizen_question USING btree (identity_sha256) WHERE (closed_at IS NULL);
CREATE INDEX citizen_question_queue ON mpi.citizen_question USING btree (opened_at, id) WHERE (closed_at IS NULL);
CREATE INDEX citizen_question_snils ON mpi.citizen_question USING btree (snils);
CREATE INDEX decision_former ON mpi.decision USING btree (former_person_id, id) WHERE (former_person_id IS NOT NULL);
CREATE INDEX decision_patient ON mpi.decision USING btree (organization_id, patient_id, id);
CREATE INDEX decision_person ON mpi.decision USING btree (person_id, id);
CREATE INDEX not_same_act ON mpi.not_same USING btree (act_id);
CREATE INDEX not_same_other ON mpi.not_same USING btree (other_organization_id, other_patient_id);
CREATE INDEX patient_birth_date ON ONLY mpi.patient USING btree (organization_id, birth_date, sort_key);
CREATE INDEX patient_enp ON ONLY mpi.patient USING btree (organization_id, enp);
CREATE INDEX patient_enp_holder ON ONLY mpi.patient USING btree (enp) WHERE (enp IS NOT NULL);
CREATE INDEX patient_identity_holder ON ONLY mpi.patient USING btree (identity_number) WHERE (identity_number IS NOT NULL);
CREATE UNIQUE INDEX patient_link_identity ON mpi.patient_link USING btree (organization_id, patient_id, person_id);
ALTER TABLE ONLY mpi.patient_link REPLICA IDENTITY USING INDEX patient_link_identity;
CREATE INDEX patient_link_person ON mpi.patient_link USING btree (person_id);
CREATE INDEX patient_order ON ONLY mpi.patient USING btree (organization_id, sort_key);
CREATE INDEX patient_snils ON ONLY mpi.patient USING btree (organization_id, snils);
CREATE INDEX patient_snils_holder ON ONLY mpi.patient USING btree (snils) WHERE (snils IS NOT NULL);
CREATE INDEX person_merged ON mpi.person USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX review_act ON mpi.review USING btree (act_id) WHERE (act_id IS NOT NULL);
CREATE UNIQUE INDEX review_open_pair ON mpi.review USING btree (organization_id, patient_id, other_organization_id, other_patient_id) WHERE (closed_at IS NULL);
CREATE INDEX review_other ON mpi.review USING btree (other_organization_id, other_patient_id) WHERE (closed_at IS NULL);
CREATE INDEX review_queue ON mpi.review USING btree (priority, ((- weight)), id) WHERE (closed_at IS NULL);
CREATE INDEX spent_proof_until ON mpi.spent_proof USING btree (until);
CREATE TRIGGER kept AFTER INSERT ON audit.region_anchor FOR EACH ROW EXECUTE FUNCTION audit.keep_region_anchor();
ALTER TABLE audit.region_anchor ENABLE REPLICA TRIGGER kept;
ALTER TABLE ONLY mpi.act_link
    ADD CONSTRAINT act_link_act_id_fkey FOREIGN KEY (act_id) REFERENCES mpi.act(id);
ALTER TABLE ONLY mpi.person
    ADD CONSTRAINT person_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES mpi.person(id);
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY feed_reads ON audit.region_anchor FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
ALTER TABLE audit.region_anchor ENABLE ROW LEVEL SECURITY;
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
ALTER TABLE mpi.act ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.act_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.break_glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.citizen_question ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_reads ON mpi.break_glass FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON mpi.patient FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_works ON mpi.act TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.act_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.decision TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.key TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.not_same TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.person TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.pin TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.profile TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.rematch TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON mpi.review TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_writes ON mpi.patient_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_glass ON mpi.break_glass FOR INSERT TO trustmed_region WITH CHECK (((person_id = ( SELECT audit.granted_glass() AS granted_glass)) AND (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = break_glass.organization_id) AND (l.patient_id = break_glass.patient_id) AND (l.person_id = break_glass.person_id))))));
CREATE POLICY granted_person ON mpi.patient FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = patient.organization_id) AND (l.patient_id = patient.id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON mpi.patient_link FOR SELECT TO trustmed_region USING ((person_id = ( SELECT audit.granted_person() AS granted_person)));
CREATE POLICY granted_unverified ON mpi.break_glass FOR INSERT TO trustmed_region WITH CHECK (((person_id = ( SELECT mpi.granted_notice() AS granted_notice)) AND (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = break_glass.organization_id) AND (l.patient_id = break_glass.patient_id) AND (l.person_id = break_glass.person_id))))));
CREATE POLICY index_reads ON mpi.patient FOR SELECT TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.act TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.act_link TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.citizen_question TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.decision TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.key TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.not_same TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.patient_link TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.person TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.pin TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.profile TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.rematch TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
CREATE POLICY index_works ON mpi.review TO trustmed_region USING (( SELECT audit.granted_index() AS granted_index)) WITH CHECK (( SELECT audit.granted_index() AS granted_index));
ALTER TABLE mpi.key ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.not_same ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON mpi.break_glass FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON mpi.patient TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON mpi.patient_link FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE mpi.patient ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.patient_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.person ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.pin ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.profile ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.rematch ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.review ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.spent_proof ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
GRANT USAGE ON SCHEMA audit TO trustmed_auditor;
GRANT USAGE ON SCHEMA audit TO trustmed_feed;
GRANT USAGE ON SCHEMA audit TO trustmed_link;
GRANT USAGE ON SCHEMA feed TO trustmed_feed;
GRANT USAGE ON SCHEMA feed TO trustmed_region;
GRANT USAGE ON SCHEMA feed TO trustmed_monitor;
GRANT USAGE ON SCHEMA mpi TO trustmed_clinic;
GRANT USAGE ON SCHEMA mpi TO trustmed_region;
GRANT USAGE ON SCHEMA mpi TO trustmed_feed;
GRANT USAGE ON SCHEMA mpi TO trustmed_link;
GRANT USAGE ON SCHEMA mpi TO trustmed_monitor;
GRANT USAGE ON SCHEMA replication TO trustmed_link;
GRANT USAGE ON SCHEMA replication TO trustmed_monitor;
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
GRANT SELECT ON TABLE audit.region_anchor TO trustmed_feed;
GRANT SELECT ON TABLE audit.region_anchor TO trustmed_link;
REVOKE ALL ON FUNCTION audit.hand_over_at_region(of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.hand_over_at_region(of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) TO trustmed_region;
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
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.patient TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.patient TO trustmed_feed;
GRANT SELECT ON TABLE mpi.patient TO trustmed_link;
GRANT SELECT ON TABLE mpi.patient TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.patient_link TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_link;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.patient_link TO trustmed_feed;
REVOKE ALL ON FUNCTION mpi.person_by_identifier(of_kind text, of_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.person_by_identifier(of_kind text, of_value text) TO trustmed_region;
GRANT ALL ON FUNCTION mpi.person_by_identifier(of_kind text, of_value text) TO trustmed_feed;
REVOKE ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) TO trustmed_region;
REVOKE ALL ON FUNCTION mpi.spend_proof(with_sha256 text, until_then timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.spend_proof(with_sha256 text, until_then timestamp with time zone) TO trustmed_region;
GRANT SELECT ON TABLE mpi.break_glass TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.break_glass TO trustmed_feed;
GRANT SELECT ON TABLE mpi.break_glass TO trustmed_link;
GRANT INSERT(organization_id) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(patient_id) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(person_id) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(reader_name) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(reader_position) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(reader_organization) ON TABLE mpi.break_glass TO trustmed_region;
GRANT INSERT(reason) ON TABLE mpi.break_glass TO trustmed_region;
REVOKE ALL ON FUNCTION mpi.told_of_glass(of_organization integer, of_person uuid, by_name text, by_organization integer, for_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.told_of_glass(of_organization integer, of_person uuid, by_name text, by_organization integer, for_reason text) TO trustmed_region;
GRANT SELECT,INSERT ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(closed_at) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(outcome) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(person_id) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(cards_sha256) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(closed_by) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT UPDATE(closing_reason) ON TABLE mpi.citizen_question TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.pin TO trustmed_region;
REVOKE ALL ON FUNCTION mpi.version_of_number(of_snils text) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.version_of_number(of_snils text) TO trustmed_region;
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
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE feed.parked TO trustmed_feed;
GRANT SELECT(id) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(id) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(consumer) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(consumer) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(lsn) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(lsn) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(relation) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(error) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(attempts) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(attempts) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(parked_at) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(parked_at) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT(next_try_at) ON TABLE feed.parked TO trustmed_region;
GRANT SELECT(next_try_at) ON TABLE feed.parked TO trustmed_monitor;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE feed."position" TO trustmed_feed;
GRANT SELECT ON TABLE feed."position" TO trustmed_region;
GRANT SELECT ON TABLE feed."position" TO trustmed_monitor;
GRANT SELECT ON TABLE mpi.act TO trustmed_feed;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.act TO trustmed_region;
GRANT SELECT ON TABLE mpi.act_link TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE mpi.act_link TO trustmed_region;
GRANT SELECT,INSERT ON TABLE mpi.decision TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE mpi.decision TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.key TO trustmed_feed;
GRANT SELECT ON TABLE mpi.key TO trustmed_region;
GRANT SELECT ON TABLE mpi.not_same TO trustmed_feed;
GRANT SELECT,INSERT,DELETE ON TABLE mpi.not_same TO trustmed_region;
GRANT SELECT,INSERT ON TABLE mpi.person TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE mpi.person TO trustmed_region;
GRANT UPDATE(revision) ON TABLE mpi.person TO trustmed_feed;
GRANT UPDATE(revision) ON TABLE mpi.person TO trustmed_region;
GRANT UPDATE(merged_into) ON TABLE mpi.person TO trustmed_feed;
GRANT UPDATE(merged_into) ON TABLE mpi.person TO trustmed_region;
GRANT UPDATE(merged_at) ON TABLE mpi.person TO trustmed_feed;
GRANT UPDATE(merged_at) ON TABLE mpi.person TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.profile TO trustmed_feed;
GRANT SELECT ON TABLE mpi.profile TO trustmed_region;
GRANT USAGE ON SEQUENCE mpi.profile_number TO trustmed_feed;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.rematch TO trustmed_region;
GRANT SELECT,DELETE ON TABLE mpi.rematch TO trustmed_feed;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.review TO trustmed_feed;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.review TO trustmed_region;
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT(id) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(at) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(link) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(reason) ON TABLE replication.quarantine TO trustmed_monitor;
