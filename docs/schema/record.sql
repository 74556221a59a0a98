CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA feed;
ALTER SCHEMA feed OWNER TO trustmed_owner;
CREATE SCHEMA mpi;
ALTER SCHEMA mpi OWNER TO trustmed_owner;
CREATE SCHEMA record;
ALTER SCHEMA record OWNER TO trustmed_owner;
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
CREATE TABLE audit.site_anchor (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    origin text NOT NULL,
    number bigint NOT NULL,
    token uuid NOT NULL,
    hash bytea NOT NULL,
    last_at timestamp with time zone NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit.site_anchor OWNER TO trustmed_owner;
CREATE FUNCTION audit.hand_over(of_organization integer, of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 INSERT INTO audit.site_anchor (organization_id, origin, number, token, hash, last_at)  SELECT hand_over.of_organization AS of_organization,
             hand_over.of_origin AS of_origin,
             hand_over.of_number AS of_number,
             hand_over.of_token AS of_token,
             hand_over.of_hash AS of_hash,
             hand_over.of_last_at AS of_last_at
           WHERE (hand_over.of_hash IS DISTINCT FROM ( SELECT a.hash
                    FROM audit.site_anchor a
                   WHERE (a.origin = hand_over.of_origin)
                   ORDER BY a.id DESC
                  LIMIT 1));
END;
ALTER FUNCTION audit.hand_over(of_organization integer, of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) OWNER TO trustmed_owner;
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
CREATE FUNCTION audit.keep_site_anchor() RETURNS trigger
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
ALTER FUNCTION audit.keep_site_anchor() OWNER TO trustmed_owner;
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
CREATE FUNCTION mpi.person_of(of_organization integer, of_patient uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT patient_link.person_id
    FROM mpi.patient_link
   WHERE ((patient_link.organization_id = person_of.of_organization) AND (patient_link.patient_id = person_of.of_patient));
END;
ALTER FUNCTION mpi.person_of(of_organization integer, of_patient uuid) OWNER TO trustmed_owner;
CREATE TABLE record.consent (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    valid_until date,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    revoked_by_name text,
    CONSTRAINT consent_check CHECK (((revoked_at IS NULL) = (revoked_by_name IS NULL)))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.consent OWNER TO trustmed_owner;
CREATE FUNCTION record.consent_proves(of_person uuid, of_organization integer, to_reader uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN bool_or((c.recorded_by <> consent_proves.to_reader)) THEN 'proven'::text
             WHEN (count(*) > 0) THEN 'new'::text
             ELSE NULL::text
         END AS "case"
    FROM (mpi.patient_link l
      JOIN record.consent c ON (((c.organization_id = l.organization_id) AND (c.patient_id = l.patient_id))))
   WHERE ((l.person_id = consent_proves.of_person) AND (l.organization_id = consent_proves.of_organization) AND (c.revoked_at IS NULL) AND ((c.valid_until IS NULL) OR (c.valid_until >= CURRENT_DATE)));
END;
ALTER FUNCTION record.consent_proves(of_person uuid, of_organization integer, to_reader uuid) OWNER TO trustmed_owner;
CREATE FUNCTION record.has_consent(of_person uuid, of_organization integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (mpi.patient_link l
              JOIN record.consent c ON (((c.organization_id = l.organization_id) AND (c.patient_id = l.patient_id))))
           WHERE ((l.person_id = has_consent.of_person) AND (l.organization_id = has_consent.of_organization) AND (c.revoked_at IS NULL) AND ((c.valid_until IS NULL) OR (c.valid_until >= CURRENT_DATE))))) AS "exists";
END;
ALTER FUNCTION record.has_consent(of_person uuid, of_organization integer) OWNER TO trustmed_owner;
CREATE TABLE record.visit (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    doctor_name text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    closed_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    confirmed_by uuid,
    confirmed_by_name text,
    arrived_at timestamp with time zone DEFAULT clock_timestamp(),
    CONSTRAINT visit_confirmed_by_another CHECK ((((confirmed_at IS NULL) = (confirmed_by IS NULL)) AND ((confirmed_by IS NULL) = (confirmed_by_name IS NULL)) AND (confirmed_by <> employee_id)))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.visit OWNER TO trustmed_owner;
CREATE FUNCTION record.treats(of_person uuid, of_organization integer, since timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (mpi.patient_link l
              JOIN record.visit v ON (((v.organization_id = l.organization_id) AND (v.patient_id = l.patient_id))))
           WHERE ((l.person_id = treats.of_person) AND (l.organization_id = treats.of_organization) AND (v.organization_id = treats.of_organization) AND (v.started_at >= treats.since)))) AS "exists";
END;
ALTER FUNCTION record.treats(of_person uuid, of_organization integer, since timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION record.visits_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN bool_or(((v.employee_id <> visits_prove.to_reader) OR (v.confirmed_by <> visits_prove.to_reader))) THEN 'proven'::text
             WHEN bool_or((v.started_at >= visits_prove.new_since)) THEN 'new'::text
             ELSE NULL::text
         END AS "case"
    FROM (mpi.patient_link l
      JOIN record.visit v ON (((v.organization_id = l.organization_id) AND (v.patient_id = l.patient_id))))
   WHERE ((l.person_id = visits_prove.of_person) AND (l.organization_id = visits_prove.of_organization) AND (v.organization_id = visits_prove.of_organization) AND (v.started_at >= visits_prove.since));
END;
ALTER FUNCTION record.visits_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) OWNER TO trustmed_owner;
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
CREATE TABLE audit.reading (
    organization_id integer NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_name text NOT NULL,
    actor_position text,
    action text NOT NULL,
    ground text NOT NULL,
    ground_detail text,
    patient_id uuid NOT NULL,
    document_id uuid
)
PARTITION BY HASH (organization_id);
ALTER TABLE audit.reading OWNER TO trustmed_owner;
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
CREATE TABLE public.trustmed_migration (
    component text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE public.trustmed_migration OWNER TO postgres;
CREATE TABLE record.document_body (
    organization_id integer NOT NULL,
    document_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT document_body_check CHECK ((sha256(content) = sha256)),
    CONSTRAINT document_body_sha256_check CHECK ((octet_length(sha256) = 32))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.document_body OWNER TO trustmed_owner;
CREATE TABLE record.document_signature (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    document_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    role text NOT NULL,
    signer_name text NOT NULL,
    signer_snils text,
    signer_ogrn text,
    algorithm text NOT NULL,
    certificate_serial text NOT NULL,
    certificate_sha256 text NOT NULL,
    claimed_at timestamp with time zone,
    verified_at timestamp with time zone NOT NULL,
    crl_issued_at timestamp with time zone,
    crl_stale boolean DEFAULT false NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT document_signature_role_check CHECK ((role = ANY (ARRAY['doctor'::text, 'organization'::text])))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.document_signature OWNER TO trustmed_owner;
CREATE TABLE record.fact (
    organization_id integer NOT NULL,
    document_id uuid NOT NULL,
    ordinal integer NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    code text,
    system text,
    title text NOT NULL,
    text text,
    value text,
    unit text,
    abnormal text,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    section text,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    url text,
    system_version text,
    arrived_at timestamp with time zone DEFAULT clock_timestamp(),
    CONSTRAINT fact_check CHECK (((code IS NULL) OR (system IS NOT NULL))),
    CONSTRAINT fact_detail_check CHECK ((jsonb_typeof(detail) = 'object'::text)),
    CONSTRAINT fact_kind_check CHECK ((kind = ANY (ARRAY['diagnosis'::text, 'allergy'::text, 'vital'::text, 'laboratory'::text, 'image'::text, 'sick_leave'::text, 'disability'::text, 'medication'::text, 'procedure'::text, 'vaccination'::text, 'referral'::text, 'other'::text])))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.fact OWNER TO trustmed_owner;
CREATE TABLE record.fact_source (
    organization_id integer NOT NULL,
    document_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    extractor integer NOT NULL,
    extracted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    facts integer NOT NULL,
    not_understood integer NOT NULL,
    error text
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.fact_source OWNER TO trustmed_owner;
CREATE TABLE record.visit_document (
    organization_id integer NOT NULL,
    visit_id uuid NOT NULL,
    document_id uuid NOT NULL
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.visit_document OWNER TO trustmed_owner;
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
ALTER TABLE ONLY audit.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY audit.site_anchor
    ADD CONSTRAINT site_anchor_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY feed.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (id);
ALTER TABLE ONLY feed."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY mpi.patient_link
    ADD CONSTRAINT patient_link_pkey PRIMARY KEY (organization_id, patient_id);
ALTER TABLE ONLY public.trustmed_migration
    ADD CONSTRAINT trustmed_migration_pkey PRIMARY KEY (component, number);
ALTER TABLE ONLY record.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY record.document_body
    ADD CONSTRAINT document_body_pkey PRIMARY KEY (organization_id, document_id);
ALTER TABLE ONLY record.document_signature
    ADD CONSTRAINT document_signature_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY record.fact
    ADD CONSTRAINT fact_pkey PRIMARY KEY (organization_id, document_id, ordinal);
ALTER TABLE ONLY record.fact_source
    ADD CONSTRAINT fact_source_pkey PRIMARY KEY (organization_id, document_id);
ALTER TABLE ONLY record.visit_document
    ADD CONSTRAINT visit_document_pkey PRIMARY KEY (organization_id, document_id);
ALTER TABLE ONLY record.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (organization_id, id);
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
CREATE INDEX reading_patient ON ONLY audit.reading USING btree (organization_id, patient_id, at DESC, id DESC);
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX site_anchor_newest ON audit.site_anchor USING btree (origin, id DESC);
CREATE INDEX parked_due ON feed.parked USING btree (next_try_at);
CREATE INDEX parked_key ON feed.parked USING btree (consumer, key, id);
CREATE UNIQUE INDEX patient_link_identity ON mpi.patient_link USING btree (organization_id, patient_id, person_id);
ALTER TABLE ONLY mpi.patient_link REPLICA IDENTITY USING INDEX patient_link_identity;
CREATE INDEX patient_link_person ON mpi.patient_link USING btree (person_id);
CREATE INDEX consent_patient ON ONLY record.consent USING btree (organization_id, patient_id, given_at DESC);
CREATE INDEX document_signature_document ON ONLY record.document_signature USING btree (organization_id, document_id);
CREATE INDEX fact_patient ON ONLY record.fact USING btree (patient_id, organization_id, at DESC);
CREATE INDEX fact_source_extractor ON ONLY record.fact_source USING btree (extractor);
CREATE INDEX fact_source_failed ON ONLY record.fact_source USING btree (extracted_at) WHERE (error IS NOT NULL);
CREATE INDEX visit_document_visit ON ONLY record.visit_document USING btree (organization_id, visit_id);
CREATE INDEX visit_patient ON ONLY record.visit USING btree (organization_id, patient_id, started_at DESC);
CREATE TRIGGER kept AFTER INSERT ON audit.site_anchor FOR EACH ROW EXECUTE FUNCTION audit.keep_site_anchor();
ALTER TABLE audit.site_anchor ENABLE REPLICA TRIGGER kept;
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY feed_reads ON audit.reading FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON audit.site_anchor FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY granted_person ON audit.reading FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = reading.organization_id) AND (l.patient_id = reading.patient_id) AND (l.person_id = ( SELECT audit.granted_trail() AS granted_trail))))));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY own_organization ON audit.reading FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE audit.reading ENABLE ROW LEVEL SECURITY;
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
ALTER TABLE audit.site_anchor ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_writes ON mpi.patient_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_person ON mpi.patient_link FOR SELECT TO trustmed_region USING ((person_id = ( SELECT audit.granted_person() AS granted_person)));
CREATE POLICY own_organization ON mpi.patient_link FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE mpi.patient_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.document_body ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.document_signature ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.fact_source ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_reads ON record.consent FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.document_body FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.document_signature FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.visit FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.visit_document FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_works ON record.fact TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_works ON record.fact_source TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_person ON record.consent FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = consent.organization_id) AND (l.patient_id = consent.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.document_body FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = document_body.organization_id) AND (l.patient_id = document_body.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.document_signature FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = document_signature.organization_id) AND (l.patient_id = document_signature.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.fact FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = fact.organization_id) AND (l.patient_id = fact.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.fact_source FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = fact_source.organization_id) AND (l.patient_id = fact_source.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.visit FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = visit.organization_id) AND (l.patient_id = visit.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY own_organization ON record.consent TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.document_body TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.document_signature TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.visit TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.visit_document TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE record.visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.visit_document ENABLE ROW LEVEL SECURITY;
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
GRANT USAGE ON SCHEMA record TO trustmed_clinic;
GRANT USAGE ON SCHEMA record TO trustmed_region;
GRANT USAGE ON SCHEMA record TO trustmed_feed;
GRANT USAGE ON SCHEMA record TO trustmed_link;
GRANT USAGE ON SCHEMA record TO trustmed_monitor;
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
GRANT SELECT ON TABLE audit.site_anchor TO trustmed_feed;
GRANT SELECT ON TABLE audit.site_anchor TO trustmed_link;
REVOKE ALL ON FUNCTION audit.hand_over(of_organization integer, of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.hand_over(of_organization integer, of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamp with time zone) TO trustmed_clinic;
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
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_link;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.patient_link TO trustmed_feed;
REVOKE ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) TO trustmed_region;
GRANT SELECT ON TABLE record.consent TO trustmed_clinic;
GRANT SELECT ON TABLE record.consent TO trustmed_region;
GRANT SELECT ON TABLE record.consent TO trustmed_feed;
GRANT SELECT ON TABLE record.consent TO trustmed_link;
GRANT INSERT(organization_id) ON TABLE record.consent TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE record.consent TO trustmed_clinic;
GRANT INSERT(valid_until) ON TABLE record.consent TO trustmed_clinic;
GRANT INSERT(recorded_by) ON TABLE record.consent TO trustmed_clinic;
GRANT INSERT(recorded_by_name) ON TABLE record.consent TO trustmed_clinic;
GRANT UPDATE(revoked_at) ON TABLE record.consent TO trustmed_clinic;
GRANT UPDATE(revoked_by) ON TABLE record.consent TO trustmed_clinic;
GRANT UPDATE(revoked_by_name) ON TABLE record.consent TO trustmed_clinic;
REVOKE ALL ON FUNCTION record.consent_proves(of_person uuid, of_organization integer, to_reader uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION record.consent_proves(of_person uuid, of_organization integer, to_reader uuid) TO trustmed_region;
REVOKE ALL ON FUNCTION record.has_consent(of_person uuid, of_organization integer) FROM PUBLIC;
GRANT ALL ON FUNCTION record.has_consent(of_person uuid, of_organization integer) TO trustmed_region;
GRANT SELECT,INSERT,UPDATE ON TABLE record.visit TO trustmed_clinic;
GRANT SELECT ON TABLE record.visit TO trustmed_region;
GRANT SELECT ON TABLE record.visit TO trustmed_feed;
GRANT SELECT ON TABLE record.visit TO trustmed_link;
REVOKE ALL ON FUNCTION record.treats(of_person uuid, of_organization integer, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION record.treats(of_person uuid, of_organization integer, since timestamp with time zone) TO trustmed_region;
REVOKE ALL ON FUNCTION record.visits_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION record.visits_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) TO trustmed_region;
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
GRANT SELECT ON TABLE audit.reading TO trustmed_clinic;
GRANT SELECT ON TABLE audit.reading TO trustmed_region;
GRANT SELECT ON TABLE audit.reading TO trustmed_feed;
GRANT SELECT ON TABLE audit.reading TO trustmed_link;
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
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT,INSERT ON TABLE record.document_body TO trustmed_clinic;
GRANT SELECT ON TABLE record.document_body TO trustmed_region;
GRANT SELECT ON TABLE record.document_body TO trustmed_feed;
GRANT SELECT ON TABLE record.document_body TO trustmed_link;
GRANT SELECT,INSERT ON TABLE record.document_signature TO trustmed_clinic;
GRANT SELECT ON TABLE record.document_signature TO trustmed_region;
GRANT SELECT ON TABLE record.document_signature TO trustmed_feed;
GRANT SELECT ON TABLE record.document_signature TO trustmed_link;
GRANT SELECT ON TABLE record.fact TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.fact TO trustmed_feed;
GRANT SELECT ON TABLE record.fact_source TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.fact_source TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE record.visit_document TO trustmed_clinic;
GRANT SELECT ON TABLE record.visit_document TO trustmed_feed;
GRANT SELECT ON TABLE record.visit_document TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT(id) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(at) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(link) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(reason) ON TABLE replication.quarantine TO trustmed_monitor;
