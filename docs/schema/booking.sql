CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA booking;
ALTER SCHEMA booking OWNER TO trustmed_owner;
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
CREATE FUNCTION audit.granted_booking() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM audit.access
           WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.action ~~ 'booking:%'::text) AND (access.outcome = 'granted'::text)))) AS "exists";
END;
ALTER FUNCTION audit.granted_booking() OWNER TO trustmed_owner;
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
CREATE TABLE booking.region_booking (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    request_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    turn integer NOT NULL,
    resource_id uuid NOT NULL,
    speciality_code text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    person_id uuid,
    patient_id uuid,
    surname text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    birth_date date NOT NULL,
    snils text,
    phone text,
    channel text NOT NULL,
    booked_by text NOT NULL,
    booked_by_name text NOT NULL,
    booked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    allowed text,
    ended_at timestamp with time zone,
    ended_how text,
    ended_by_name text,
    ended_why text,
    moved_to uuid,
    CONSTRAINT region_booking_channel_check CHECK ((channel = ANY (ARRAY['call_centre'::text, 'portal'::text, 'federal'::text]))),
    CONSTRAINT region_booking_check CHECK (((ended_at IS NULL) = (ended_how IS NULL))),
    CONSTRAINT region_booking_check1 CHECK (((person_id IS NOT NULL) OR (snils IS NOT NULL) OR (phone IS NOT NULL))),
    CONSTRAINT region_booking_ended_how_check CHECK ((ended_how = ANY (ARRAY['cancelled'::text, 'moved'::text]))),
    CONSTRAINT region_booking_given_name_check CHECK ((given_name <> ''::text)),
    CONSTRAINT region_booking_snils_check CHECK ((snils ~ '^\d{11}$'::text)),
    CONSTRAINT region_booking_surname_check CHECK ((surname <> ''::text))
)
PARTITION BY HASH (organization_id);
ALTER TABLE booking.region_booking OWNER TO trustmed_owner;
CREATE TABLE booking.resource (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    employee_id uuid,
    name text NOT NULL,
    speciality_code text NOT NULL,
    speciality text NOT NULL,
    room text,
    disabled_at timestamp with time zone,
    CONSTRAINT resource_check CHECK (((kind = 'room'::text) OR (employee_id IS NOT NULL))),
    CONSTRAINT resource_kind_check CHECK ((kind = ANY (ARRAY['doctor'::text, 'room'::text]))),
    CONSTRAINT resource_name_check CHECK ((name <> ''::text))
);
ALTER TABLE booking.resource OWNER TO trustmed_owner;
CREATE TABLE booking.site_booking (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    request_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    speciality_code text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    patient_id uuid NOT NULL,
    channel text NOT NULL,
    booked_by text NOT NULL,
    booked_by_name text NOT NULL,
    booked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    allowed text,
    ended_at timestamp with time zone,
    ended_how text,
    ended_by_name text,
    ended_why text,
    moved_to uuid,
    CONSTRAINT site_booking_channel_check CHECK ((channel = 'registrar'::text)),
    CONSTRAINT site_booking_check CHECK (((ended_at IS NULL) = (ended_how IS NULL))),
    CONSTRAINT site_booking_ended_how_check CHECK ((ended_how = ANY (ARRAY['cancelled'::text, 'moved'::text])))
)
PARTITION BY HASH (organization_id);
ALTER TABLE booking.site_booking OWNER TO trustmed_owner;
CREATE TABLE booking.slot (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    resource_id uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    visit_kind text NOT NULL,
    room text,
    withdrawn_at timestamp with time zone,
    withdrawn_why text,
    CONSTRAINT slot_check CHECK ((ends_at > starts_at)),
    CONSTRAINT slot_visit_kind_check CHECK ((visit_kind = ANY (ARRAY['first'::text, 'repeat'::text, 'any'::text])))
)
PARTITION BY HASH (organization_id);
ALTER TABLE booking.slot OWNER TO trustmed_owner;
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
CREATE FUNCTION booking.bookings_of(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, since timestamp with time zone, before timestamp with time zone) RETURNS TABLE(organization_id integer, id uuid, side text, slot_id uuid, resource_id uuid, starts_at timestamp with time zone, ends_at timestamp with time zone, speciality_code text, speciality text, name text, room text, channel text, booked_by_name text, booked_at timestamp with time zone, ended_at timestamp with time zone, ended_how text, ended_by_name text, ended_why text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 WITH granted AS MATERIALIZED (
          SELECT
           WHERE (audit.granted_booking() AND (NOT (bookings_of.of_person IS DISTINCT FROM audit.granted_person())))
         ), made AS (
          SELECT b.organization_id,
             b.id,
             'region'::text AS side,
             b.slot_id,
             b.resource_id,
             b.starts_at,
             b.ends_at,
             b.speciality_code,
             b.channel,
             b.booked_by_name,
             b.booked_at,
             b.ended_at,
             b.ended_how,
             b.ended_by_name,
             b.ended_why
            FROM (granted
              CROSS JOIN booking.region_booking b)
           WHERE ((b.person_id = bookings_of.of_person) AND (b.starts_at >= bookings_of.since) AND (b.starts_at < bookings_of.before))
         UNION
          SELECT b.organization_id,
             b.id,
             'region'::text,
             b.slot_id,
             b.resource_id,
             b.starts_at,
             b.ends_at,
             b.speciality_code,
             b.channel,
             b.booked_by_name,
             b.booked_at,
             b.ended_at,
             b.ended_how,
             b.ended_by_name,
             b.ended_why
            FROM ((granted
              CROSS JOIN mpi.patient_link l)
              CROSS JOIN LATERAL ( SELECT r_1.organization_id,
                     r_1.id,
                     r_1.request_id,
                     r_1.slot_id,
                     r_1.turn,
                     r_1.resource_id,
                     r_1.speciality_code,
                     r_1.starts_at,
                     r_1.ends_at,
                     r_1.person_id,
                     r_1.patient_id,
                     r_1.surname,
                     r_1.given_name,
                     r_1.patronymic,
                     r_1.birth_date,
                     r_1.snils,
                     r_1.phone,
                     r_1.channel,
                     r_1.booked_by,
                     r_1.booked_by_name,
                     r_1.booked_at,
                     r_1.allowed,
                     r_1.ended_at,
                     r_1.ended_how,
                     r_1.ended_by_name,
                     r_1.ended_why,
                     r_1.moved_to
                    FROM booking.region_booking r_1
                   WHERE ((r_1.organization_id = l.organization_id) AND (r_1.patient_id = l.patient_id) AND (r_1.starts_at >= bookings_of.since) AND (r_1.starts_at < bookings_of.before))
                  OFFSET 0) b)
           WHERE (l.person_id = bookings_of.of_person)
         UNION
          SELECT b.organization_id,
             b.id,
             'region'::text,
             b.slot_id,
             b.resource_id,
             b.starts_at,
             b.ends_at,
             b.speciality_code,
             b.channel,
             b.booked_by_name,
             b.booked_at,
             b.ended_at,
             b.ended_how,
             b.ended_by_name,
             b.ended_why
            FROM (granted
              CROSS JOIN booking.region_booking b)
           WHERE ((b.person_id IS NULL) AND (b.snils = bookings_of.of_snils) AND (b.starts_at >= bookings_of.since) AND (b.starts_at < bookings_of.before))
         UNION
          SELECT b.organization_id,
             b.id,
             'region'::text,
             b.slot_id,
             b.resource_id,
             b.starts_at,
             b.ends_at,
             b.speciality_code,
             b.channel,
             b.booked_by_name,
             b.booked_at,
             b.ended_at,
             b.ended_how,
             b.ended_by_name,
             b.ended_why
            FROM (granted
              CROSS JOIN booking.region_booking b)
           WHERE ((b.person_id IS NULL) AND (b.phone = bookings_of.of_phone) AND ((b.snils IS NULL) OR (bookings_of.of_snils IS NULL)) AND (lower(b.surname) = lower(bookings_of.of_surname)) AND (lower(b.given_name) = lower(bookings_of.of_given_name)) AND (b.birth_date = bookings_of.of_birth_date) AND (b.starts_at >= bookings_of.since) AND (b.starts_at < bookings_of.before))
         UNION
          SELECT b.organization_id,
             b.id,
             'site'::text,
             b.slot_id,
             b.resource_id,
             b.starts_at,
             b.ends_at,
             b.speciality_code,
             b.channel,
             b.booked_by_name,
             b.booked_at,
             b.ended_at,
             b.ended_how,
             b.ended_by_name,
             b.ended_why
            FROM ((granted
              CROSS JOIN mpi.patient_link l)
              CROSS JOIN LATERAL ( SELECT s_1.organization_id,
                     s_1.id,
                     s_1.request_id,
                     s_1.slot_id,
                     s_1.resource_id,
                     s_1.speciality_code,
                     s_1.starts_at,
                     s_1.ends_at,
                     s_1.patient_id,
                     s_1.channel,
                     s_1.booked_by,
                     s_1.booked_by_name,
                     s_1.booked_at,
                     s_1.allowed,
                     s_1.ended_at,
                     s_1.ended_how,
                     s_1.ended_by_name,
                     s_1.ended_why,
                     s_1.moved_to
                    FROM booking.site_booking s_1
                   WHERE ((s_1.organization_id = l.organization_id) AND (s_1.patient_id = l.patient_id) AND (s_1.starts_at >= bookings_of.since) AND (s_1.starts_at < bookings_of.before))
                  OFFSET 0) b)
           WHERE (l.person_id = bookings_of.of_person)
         )
  SELECT m.organization_id,
     m.id,
     m.side,
     m.slot_id,
     m.resource_id,
     m.starts_at,
     m.ends_at,
     m.speciality_code,
     COALESCE(r.speciality, m.speciality_code) AS "coalesce",
     COALESCE(r.name, ''::text) AS "coalesce",
     COALESCE(s.room, r.room) AS "coalesce",
     m.channel,
     m.booked_by_name,
     m.booked_at,
     m.ended_at,
     m.ended_how,
     m.ended_by_name,
     m.ended_why
    FROM ((made m
      LEFT JOIN booking.resource r ON (((r.organization_id = m.organization_id) AND (r.id = m.resource_id))))
      LEFT JOIN booking.slot s ON (((s.organization_id = m.organization_id) AND (s.id = m.slot_id))))
   ORDER BY m.starts_at, m.id;
END;
ALTER FUNCTION booking.bookings_of(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, since timestamp with time zone, before timestamp with time zone) OWNER TO trustmed_owner;
CREATE TABLE booking.attendance (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    booking_id uuid NOT NULL,
    outcome text NOT NULL,
    patient_id uuid,
    by_name text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT attendance_outcome_check CHECK ((outcome = ANY (ARRAY['came'::text, 'no_show'::text, 'known_as'::text])))
);
ALTER TABLE booking.attendance OWNER TO trustmed_owner;
CREATE FUNCTION booking.bookings_prove(of_person uuid, of_organization integer, to_account text, since timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN bool_or(((b.booked_by IS NULL) OR (b.booked_by <> bookings_prove.to_account))) THEN 'proven'::text
             WHEN bool_or((b.starts_at > (now() - '1 day'::interval))) THEN 'new'::text
             ELSE NULL::text
         END AS "case"
    FROM ( SELECT r.id,
             r.starts_at,
             NULL::text AS booked_by
            FROM booking.region_booking r
           WHERE ((r.organization_id = bookings_prove.of_organization) AND (r.person_id = bookings_prove.of_person) AND (r.ended_at IS NULL) AND (r.starts_at >= bookings_prove.since))
         UNION ALL
          SELECT r.id,
             r.starts_at,
             NULL::text
            FROM (mpi.patient_link l
              JOIN booking.region_booking r ON (((r.organization_id = l.organization_id) AND (r.patient_id = l.patient_id))))
           WHERE ((l.person_id = bookings_prove.of_person) AND (l.organization_id = bookings_prove.of_organization) AND (r.organization_id = bookings_prove.of_organization) AND (r.ended_at IS NULL) AND (r.starts_at >= bookings_prove.since))
         UNION ALL
          SELECT s.id,
             s.starts_at,
             s.booked_by
            FROM (mpi.patient_link l
              JOIN booking.site_booking s ON (((s.organization_id = l.organization_id) AND (s.patient_id = l.patient_id))))
           WHERE ((l.person_id = bookings_prove.of_person) AND (l.organization_id = bookings_prove.of_organization) AND (s.organization_id = bookings_prove.of_organization) AND (s.ended_at IS NULL) AND (s.starts_at >= bookings_prove.since))) b
   WHERE (NOT (EXISTS ( SELECT
            FROM booking.attendance a
           WHERE ((a.organization_id = bookings_prove.of_organization) AND (a.booking_id = b.id) AND (a.outcome = 'no_show'::text)))));
END;
ALTER FUNCTION booking.bookings_prove(of_person uuid, of_organization integer, to_account text, since timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION booking.clashes(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER COST 1000
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    since constant timestamptz := day_begins - interval '1 day';
    before constant timestamptz := day_ends + interval '1 day';
    card record;
begin
    if not audit.granted_booking() or of_person is distinct from audit.granted_person() then
        return false;
    end if;
    if of_person is not null then
        if exists (
            select from booking.region_booking b
            where b.person_id = of_person and b.starts_at >= since and b.starts_at < before and b.ended_at is null
              and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
        ) then
            return true;
        end if;
        for card in select l.organization_id, l.patient_id from mpi.patient_link l where l.person_id = of_person loop
            if exists (
                select from booking.region_booking b
                where b.organization_id = card.organization_id and b.patient_id = card.patient_id
                  and b.starts_at >= since and b.starts_at < before and b.ended_at is null
                  and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
            ) or exists (
                select from booking.site_booking b
                where b.organization_id = card.organization_id and b.patient_id = card.patient_id
                  and b.starts_at >= since and b.starts_at < before and b.ended_at is null
                  and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
            ) then
                return true;
            end if;
        end loop;
    end if;
    if of_snils is not null and exists (
        select from booking.region_booking b
        where b.person_id is null and b.snils = of_snils
          and b.starts_at >= since and b.starts_at < before and b.ended_at is null
          and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
    ) then
        return true;
    end if;
    return of_phone is not null and exists (
        select from booking.region_booking b
        where b.person_id is null and b.phone = of_phone and (b.snils is null or of_snils is null)
          and lower(b.surname) = lower(of_surname) and lower(b.given_name) = lower(of_given_name)
          and b.birth_date = of_birth_date
          and b.starts_at >= since and b.starts_at < before and b.ended_at is null
          and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
    );
end
$$;
ALTER FUNCTION booking.clashes(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION booking.collide(starts_at timestamp with time zone, ends_at timestamp with time zone, speciality_code text, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN (((starts_at < ends) AND (ends_at > begins)) OR ((speciality_code = of_speciality) AND (starts_at >= day_begins) AND (starts_at < day_ends)));
ALTER FUNCTION booking.collide(starts_at timestamp with time zone, ends_at timestamp with time zone, speciality_code text, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION booking.expects(of_person uuid, of_organization integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM booking.region_booking r
           WHERE ((r.organization_id = expects.of_organization) AND (r.person_id = expects.of_person) AND (r.ended_at IS NULL) AND (r.starts_at > (now() - '1 day'::interval))))) OR (EXISTS ( SELECT
            FROM (mpi.patient_link l
              JOIN booking.site_booking b ON (((b.organization_id = l.organization_id) AND (b.patient_id = l.patient_id))))
           WHERE ((l.person_id = expects.of_person) AND (l.organization_id = expects.of_organization) AND (b.ended_at IS NULL) AND (b.starts_at > (now() - '1 day'::interval))))));
END;
ALTER FUNCTION booking.expects(of_person uuid, of_organization integer) OWNER TO trustmed_owner;
CREATE TABLE booking.handback (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    slot_id uuid NOT NULL,
    turn integer NOT NULL,
    why text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT handback_why_check CHECK ((why = ANY (ARRAY['deadline'::text, 'recall'::text, 'surplus'::text])))
)
PARTITION BY HASH (organization_id);
ALTER TABLE booking.handback OWNER TO trustmed_owner;
CREATE TABLE booking.handover (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    slot_id uuid NOT NULL,
    turn integer NOT NULL,
    sell_until timestamp with time zone NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT handover_turn_check CHECK ((turn > 0))
)
PARTITION BY HASH (organization_id);
ALTER TABLE booking.handover OWNER TO trustmed_owner;
CREATE TABLE booking.recall (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    slot_id uuid NOT NULL,
    turn integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE booking.recall OWNER TO trustmed_owner;
CREATE FUNCTION booking.free_at_region(of_organization integer, since timestamp with time zone, before timestamp with time zone) RETURNS TABLE(slot_id uuid, turn integer, resource_id uuid, starts_at timestamp with time zone, ends_at timestamp with time zone, visit_kind text, room text, sell_until timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT s.id,
     h.turn,
     s.resource_id,
     s.starts_at,
     s.ends_at,
     s.visit_kind,
     s.room,
     h.sell_until
    FROM (booking.slot s
      CROSS JOIN LATERAL ( SELECT h_1.turn,
             h_1.sell_until
            FROM booking.handover h_1
           WHERE ((h_1.organization_id = s.organization_id) AND (h_1.slot_id = s.id))
           ORDER BY h_1.turn DESC
          LIMIT 1) h)
   WHERE ((s.organization_id = free_at_region.of_organization) AND (s.starts_at >= free_at_region.since) AND (s.starts_at < free_at_region.before) AND (s.withdrawn_at IS NULL) AND (h.sell_until > clock_timestamp()) AND (s.starts_at > clock_timestamp()) AND (NOT (EXISTS ( SELECT
            FROM booking.handback b
           WHERE ((b.organization_id = s.organization_id) AND (b.slot_id = s.id) AND (b.turn = h.turn))))) AND (NOT (EXISTS ( SELECT
            FROM booking.recall c
           WHERE ((c.organization_id = s.organization_id) AND (c.slot_id = s.id) AND (c.turn = h.turn))))) AND (NOT (EXISTS ( SELECT
            FROM booking.region_booking r
           WHERE ((r.organization_id = s.organization_id) AND (r.slot_id = s.id) AND (r.ended_at IS NULL))))))
   ORDER BY s.starts_at, s.resource_id;
END;
ALTER FUNCTION booking.free_at_region(of_organization integer, since timestamp with time zone, before timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION booking.request_is_used(of_organization integer, of_request uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM booking.region_booking
           WHERE ((region_booking.organization_id = request_is_used.of_organization) AND (region_booking.request_id = request_is_used.of_request)))) AS "exists";
END;
ALTER FUNCTION booking.request_is_used(of_organization integer, of_request uuid) OWNER TO trustmed_owner;
CREATE FUNCTION booking.state_at_region(of_organization integer, of_slot uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (s.id IS NULL) THEN 'unknown'::text
             WHEN (s.withdrawn_at IS NOT NULL) THEN 'withdrawn'::text
             WHEN (s.starts_at <= clock_timestamp()) THEN 'past'::text
             WHEN ((h.turn IS NULL) OR (b.turn IS NOT NULL)) THEN 'not_ours'::text
             WHEN (r.slot_id IS NOT NULL) THEN 'taken'::text
             WHEN (c.turn IS NOT NULL) THEN 'recalled'::text
             WHEN (h.sell_until <= clock_timestamp()) THEN 'late'::text
             ELSE 'free'::text
         END AS "case"
    FROM (((((( VALUES (1)) one
      LEFT JOIN booking.slot s ON (((s.organization_id = state_at_region.of_organization) AND (s.id = state_at_region.of_slot))))
      LEFT JOIN LATERAL ( SELECT h_1.turn,
             h_1.sell_until
            FROM booking.handover h_1
           WHERE ((h_1.organization_id = state_at_region.of_organization) AND (h_1.slot_id = state_at_region.of_slot))
           ORDER BY h_1.turn DESC
          LIMIT 1) h ON (true))
      LEFT JOIN booking.handback b ON (((b.organization_id = state_at_region.of_organization) AND (b.slot_id = state_at_region.of_slot) AND (b.turn = h.turn))))
      LEFT JOIN booking.recall c ON (((c.organization_id = state_at_region.of_organization) AND (c.slot_id = state_at_region.of_slot) AND (c.turn = h.turn))))
      LEFT JOIN booking.region_booking r ON (((r.organization_id = state_at_region.of_organization) AND (r.slot_id = state_at_region.of_slot) AND (r.ended_at IS NULL))));
END;
ALTER FUNCTION booking.state_at_region(of_organization integer, of_slot uuid) OWNER TO trustmed_owner;
CREATE FUNCTION mpi.person_of(of_organization integer, of_patient uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT patient_link.person_id
    FROM mpi.patient_link
   WHERE ((patient_link.organization_id = person_of.of_organization) AND (patient_link.patient_id = person_of.of_patient));
END;
ALTER FUNCTION mpi.person_of(of_organization integer, of_patient uuid) OWNER TO trustmed_owner;
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
CREATE TABLE booking.conflict (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    booking_id uuid NOT NULL,
    other_organization_id integer NOT NULL,
    other_booking_id uuid NOT NULL,
    other_name text NOT NULL,
    other_starts_at timestamp with time zone NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT conflict_kind_check CHECK ((kind = ANY (ARRAY['same_time'::text, 'same_speciality'::text, 'withdrawn'::text])))
);
ALTER TABLE booking.conflict OWNER TO trustmed_owner;
CREATE TABLE booking.quota (
    organization_id integer NOT NULL,
    visit_kind text NOT NULL,
    speciality_code text DEFAULT ''::text NOT NULL,
    percent smallint NOT NULL,
    return_hours smallint NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT quota_percent_check CHECK (((percent >= 0) AND (percent <= 100))),
    CONSTRAINT quota_return_hours_check CHECK (((return_hours >= 0) AND (return_hours <= 720))),
    CONSTRAINT quota_visit_kind_check CHECK ((visit_kind = ANY (ARRAY['first'::text, 'repeat'::text, 'any'::text])))
);
ALTER TABLE booking.quota OWNER TO trustmed_owner;
CREATE TABLE booking.region_request (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    booking_id uuid NOT NULL,
    ask text NOT NULL,
    channel text NOT NULL,
    by_name text NOT NULL,
    why text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT region_request_ask_check CHECK ((ask = 'cancel'::text))
);
ALTER TABLE booking.region_request OWNER TO trustmed_owner;
CREATE TABLE booking.settlement (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    conflict_id uuid NOT NULL,
    how text NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE booking.settlement OWNER TO trustmed_owner;
CREATE TABLE booking.site_request (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    booking_id uuid NOT NULL,
    ask text NOT NULL,
    by_name text NOT NULL,
    why text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT site_request_ask_check CHECK ((ask = 'cancel'::text))
);
ALTER TABLE booking.site_request OWNER TO trustmed_owner;
CREATE TABLE booking.sweep (
    only_row boolean DEFAULT true NOT NULL,
    swept_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT sweep_only_row_check CHECK (only_row)
);
ALTER TABLE booking.sweep OWNER TO trustmed_owner;
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
ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY booking.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.conflict
    ADD CONSTRAINT conflict_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.handback
    ADD CONSTRAINT handback_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.handover
    ADD CONSTRAINT handover_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.quota
    ADD CONSTRAINT quota_pkey PRIMARY KEY (organization_id, visit_kind, speciality_code);
ALTER TABLE ONLY booking.recall
    ADD CONSTRAINT recall_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.region_booking
    ADD CONSTRAINT region_booking_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.region_request
    ADD CONSTRAINT region_request_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.site_booking
    ADD CONSTRAINT site_booking_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.site_request
    ADD CONSTRAINT site_request_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.sweep
    ADD CONSTRAINT sweep_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY feed.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (id);
ALTER TABLE ONLY feed."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY mpi.patient_link
    ADD CONSTRAINT patient_link_pkey PRIMARY KEY (organization_id, patient_id);
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
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX attendance_booking ON booking.attendance USING btree (organization_id, booking_id);
CREATE INDEX attendance_patient ON booking.attendance USING btree (organization_id, patient_id) WHERE (patient_id IS NOT NULL);
CREATE UNIQUE INDEX conflict_once ON booking.conflict USING btree (organization_id, kind, booking_id, other_booking_id);
CREATE UNIQUE INDEX handback_turn ON ONLY booking.handback USING btree (organization_id, slot_id, turn);
CREATE INDEX handover_sell_until ON ONLY booking.handover USING btree (sell_until);
CREATE UNIQUE INDEX handover_turn ON ONLY booking.handover USING btree (organization_id, slot_id, turn);
CREATE UNIQUE INDEX recall_turn ON booking.recall USING btree (organization_id, slot_id, turn);
CREATE INDEX region_booking_of_snils ON ONLY booking.region_booking USING btree (snils, starts_at);
CREATE INDEX region_booking_patient ON ONLY booking.region_booking USING btree (organization_id, patient_id, starts_at);
CREATE INDEX region_booking_person ON ONLY booking.region_booking USING btree (person_id, starts_at);
CREATE INDEX region_booking_phone ON ONLY booking.region_booking USING btree (phone, starts_at) WHERE (person_id IS NULL);
CREATE UNIQUE INDEX region_booking_request ON ONLY booking.region_booking USING btree (organization_id, request_id);
CREATE UNIQUE INDEX region_booking_slot ON ONLY booking.region_booking USING btree (organization_id, slot_id) WHERE (ended_at IS NULL);
CREATE INDEX region_booking_time ON ONLY booking.region_booking USING btree (organization_id, starts_at);
CREATE UNIQUE INDEX region_request_booking ON booking.region_request USING btree (organization_id, booking_id, ask);
CREATE UNIQUE INDEX settlement_conflict ON booking.settlement USING btree (organization_id, conflict_id);
CREATE INDEX site_booking_patient ON ONLY booking.site_booking USING btree (organization_id, patient_id, starts_at);
CREATE UNIQUE INDEX site_booking_request ON ONLY booking.site_booking USING btree (organization_id, request_id);
CREATE UNIQUE INDEX site_booking_slot ON ONLY booking.site_booking USING btree (organization_id, slot_id) WHERE (ended_at IS NULL);
CREATE INDEX site_booking_time ON ONLY booking.site_booking USING btree (organization_id, starts_at);
CREATE INDEX site_request_booking ON booking.site_request USING btree (organization_id, booking_id);
CREATE UNIQUE INDEX slot_once ON ONLY booking.slot USING btree (organization_id, resource_id, starts_at) WHERE (withdrawn_at IS NULL);
CREATE INDEX slot_time ON ONLY booking.slot USING btree (organization_id, starts_at);
CREATE INDEX slot_withdrawn ON ONLY booking.slot USING btree (organization_id, starts_at) WHERE (withdrawn_at IS NOT NULL);
CREATE INDEX parked_due ON feed.parked USING btree (next_try_at);
CREATE INDEX parked_key ON feed.parked USING btree (consumer, key, id);
CREATE UNIQUE INDEX patient_link_identity ON mpi.patient_link USING btree (organization_id, patient_id, person_id);
ALTER TABLE ONLY mpi.patient_link REPLICA IDENTITY USING INDEX patient_link_identity;
CREATE INDEX patient_link_person ON mpi.patient_link USING btree (person_id);
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
ALTER TABLE booking.attendance ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.conflict ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON booking.handback FOR SELECT TO trustmed_region USING (true);
CREATE POLICY everybody_reads ON booking.handover FOR SELECT TO trustmed_region USING (true);
CREATE POLICY everybody_reads ON booking.quota FOR SELECT TO trustmed_region USING (true);
CREATE POLICY everybody_reads ON booking.recall FOR SELECT TO trustmed_region USING (true);
CREATE POLICY everybody_reads ON booking.resource FOR SELECT TO trustmed_region USING (true);
CREATE POLICY everybody_reads ON booking.slot FOR SELECT TO trustmed_region USING (true);
CREATE POLICY feed_reads ON booking.attendance FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.handover FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.recall FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.resource FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.settlement FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.site_booking FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.site_request FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON booking.slot FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_writes ON booking.conflict TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_writes ON booking.handback TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_writes ON booking.quota TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_writes ON booking.region_booking TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY feed_writes ON booking.region_request TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_booking ON booking.region_booking FOR INSERT TO trustmed_region WITH CHECK ((( SELECT audit.granted_booking() AS granted_booking) AND (NOT (person_id IS DISTINCT FROM ( SELECT audit.granted_person() AS granted_person)))));
CREATE POLICY granted_booking ON booking.region_request TO trustmed_region USING (( SELECT audit.granted_booking() AS granted_booking)) WITH CHECK (( SELECT audit.granted_booking() AS granted_booking));
CREATE POLICY granted_end ON booking.region_booking FOR UPDATE TO trustmed_region USING ((( SELECT audit.granted_booking() AS granted_booking) AND ((person_id IS NULL) OR (person_id = ( SELECT audit.granted_person() AS granted_person)) OR (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = region_booking.organization_id) AND (l.patient_id = region_booking.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person)))))))) WITH CHECK (true);
CREATE POLICY granted_person ON booking.region_booking FOR SELECT TO trustmed_region USING (((person_id = ( SELECT audit.granted_person() AS granted_person)) OR ((person_id IS NULL) AND ( SELECT audit.granted_booking() AS granted_booking)) OR (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = region_booking.organization_id) AND (l.patient_id = region_booking.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person)))))));
CREATE POLICY granted_person ON booking.site_booking FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = site_booking.organization_id) AND (l.patient_id = site_booking.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
ALTER TABLE booking.handback ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.handover ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON booking.attendance TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.conflict FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.handback FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.handover TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.quota FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.recall TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.region_booking FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.region_request FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.resource TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.settlement TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.site_booking TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.site_request TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.slot TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE booking.quota ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.recall ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.region_booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.region_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.settlement ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.site_booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.site_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.slot ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_writes ON mpi.patient_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_person ON mpi.patient_link FOR SELECT TO trustmed_region USING ((person_id = ( SELECT audit.granted_person() AS granted_person)));
CREATE POLICY own_organization ON mpi.patient_link FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE mpi.patient_link ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
GRANT USAGE ON SCHEMA audit TO trustmed_auditor;
GRANT USAGE ON SCHEMA booking TO trustmed_clinic;
GRANT USAGE ON SCHEMA booking TO trustmed_region;
GRANT USAGE ON SCHEMA booking TO trustmed_feed;
GRANT USAGE ON SCHEMA booking TO trustmed_link;
GRANT USAGE ON SCHEMA booking TO trustmed_monitor;
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
GRANT SELECT ON TABLE booking.region_booking TO trustmed_clinic;
GRANT SELECT ON TABLE booking.region_booking TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.region_booking TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE booking.region_booking TO trustmed_region;
GRANT UPDATE(ended_at) ON TABLE booking.region_booking TO trustmed_region;
GRANT UPDATE(ended_how) ON TABLE booking.region_booking TO trustmed_region;
GRANT UPDATE(ended_by_name) ON TABLE booking.region_booking TO trustmed_region;
GRANT UPDATE(ended_why) ON TABLE booking.region_booking TO trustmed_region;
GRANT UPDATE(moved_to) ON TABLE booking.region_booking TO trustmed_region;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.resource TO trustmed_clinic;
GRANT SELECT ON TABLE booking.resource TO trustmed_feed;
GRANT SELECT ON TABLE booking.resource TO trustmed_link;
GRANT SELECT ON TABLE booking.resource TO trustmed_region;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.site_booking TO trustmed_clinic;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_feed;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_link;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_region;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.slot TO trustmed_clinic;
GRANT SELECT ON TABLE booking.slot TO trustmed_feed;
GRANT SELECT ON TABLE booking.slot TO trustmed_link;
GRANT SELECT ON TABLE booking.slot TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_link;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.patient_link TO trustmed_feed;
REVOKE ALL ON FUNCTION booking.bookings_of(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, since timestamp with time zone, before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.bookings_of(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, since timestamp with time zone, before timestamp with time zone) TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.attendance TO trustmed_clinic;
GRANT SELECT ON TABLE booking.attendance TO trustmed_feed;
GRANT SELECT ON TABLE booking.attendance TO trustmed_link;
REVOKE ALL ON FUNCTION booking.bookings_prove(of_person uuid, of_organization integer, to_account text, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.bookings_prove(of_person uuid, of_organization integer, to_account text, since timestamp with time zone) TO trustmed_region;
REVOKE ALL ON FUNCTION booking.clashes(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.clashes(of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date, begins timestamp with time zone, ends timestamp with time zone, of_speciality text, day_begins timestamp with time zone, day_ends timestamp with time zone) TO trustmed_region;
REVOKE ALL ON FUNCTION booking.expects(of_person uuid, of_organization integer) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.expects(of_person uuid, of_organization integer) TO trustmed_region;
GRANT ALL ON FUNCTION booking.expects(of_person uuid, of_organization integer) TO trustmed_feed;
GRANT SELECT ON TABLE booking.handback TO trustmed_clinic;
GRANT SELECT ON TABLE booking.handback TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.handback TO trustmed_feed;
GRANT SELECT ON TABLE booking.handback TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.handover TO trustmed_clinic;
GRANT SELECT ON TABLE booking.handover TO trustmed_feed;
GRANT SELECT ON TABLE booking.handover TO trustmed_link;
GRANT SELECT ON TABLE booking.handover TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.recall TO trustmed_clinic;
GRANT SELECT ON TABLE booking.recall TO trustmed_feed;
GRANT SELECT ON TABLE booking.recall TO trustmed_link;
GRANT SELECT ON TABLE booking.recall TO trustmed_region;
REVOKE ALL ON FUNCTION booking.free_at_region(of_organization integer, since timestamp with time zone, before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.free_at_region(of_organization integer, since timestamp with time zone, before timestamp with time zone) TO trustmed_region;
GRANT ALL ON FUNCTION booking.free_at_region(of_organization integer, since timestamp with time zone, before timestamp with time zone) TO trustmed_feed;
REVOKE ALL ON FUNCTION booking.request_is_used(of_organization integer, of_request uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.request_is_used(of_organization integer, of_request uuid) TO trustmed_region;
REVOKE ALL ON FUNCTION booking.state_at_region(of_organization integer, of_slot uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION booking.state_at_region(of_organization integer, of_slot uuid) TO trustmed_region;
GRANT ALL ON FUNCTION booking.state_at_region(of_organization integer, of_slot uuid) TO trustmed_feed;
REVOKE ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) TO trustmed_region;
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
GRANT SELECT ON TABLE booking.conflict TO trustmed_clinic;
GRANT SELECT ON TABLE booking.conflict TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.conflict TO trustmed_feed;
GRANT SELECT ON TABLE booking.quota TO trustmed_clinic;
GRANT SELECT ON TABLE booking.quota TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.quota TO trustmed_feed;
GRANT SELECT ON TABLE booking.quota TO trustmed_region;
GRANT SELECT ON TABLE booking.region_request TO trustmed_clinic;
GRANT SELECT ON TABLE booking.region_request TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.region_request TO trustmed_feed;
GRANT SELECT,INSERT ON TABLE booking.region_request TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.settlement TO trustmed_clinic;
GRANT SELECT ON TABLE booking.settlement TO trustmed_feed;
GRANT SELECT ON TABLE booking.settlement TO trustmed_link;
GRANT SELECT,INSERT ON TABLE booking.site_request TO trustmed_clinic;
GRANT SELECT ON TABLE booking.site_request TO trustmed_feed;
GRANT SELECT ON TABLE booking.site_request TO trustmed_link;
GRANT SELECT,UPDATE ON TABLE booking.sweep TO trustmed_feed;
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
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT(id) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(at) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(link) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(reason) ON TABLE replication.quarantine TO trustmed_monitor;
