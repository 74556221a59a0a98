CREATE SCHEMA access;
ALTER SCHEMA access OWNER TO trustmed_owner;
CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA booking;
ALTER SCHEMA booking OWNER TO trustmed_owner;
CREATE SCHEMA clinic;
ALTER SCHEMA clinic OWNER TO trustmed_owner;
CREATE SCHEMA mpi;
ALTER SCHEMA mpi OWNER TO trustmed_owner;
CREATE SCHEMA nsi;
ALTER SCHEMA nsi OWNER TO trustmed_owner;
CREATE SCHEMA record;
ALTER SCHEMA record OWNER TO trustmed_owner;
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
CREATE TABLE access.account (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    login text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    employee_id uuid NOT NULL,
    language text DEFAULT 'ru'::text NOT NULL,
    disabled_at timestamp with time zone,
    is_password_temporary boolean DEFAULT false NOT NULL,
    CONSTRAINT account_language_check CHECK ((language = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT account_login_check CHECK ((login = lower(login))),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['doctor'::text, 'registrar'::text, 'head'::text, 'engineer'::text])))
);
ALTER TABLE access.account OWNER TO trustmed_owner;
CREATE FUNCTION access.account_for_login(of_login text) RETURNS SETOF access.account
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT account.organization_id,
     account.id,
     account.login,
     account.password_hash,
     account.role,
     account.employee_id,
     account.language,
     account.disabled_at,
     account.is_password_temporary
    FROM access.account
   WHERE ((account.login = lower(account_for_login.of_login)) AND (account.disabled_at IS NULL));
END;
ALTER FUNCTION access.account_for_login(of_login text) OWNER TO trustmed_owner;
CREATE FUNCTION access.add_account(by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text, new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    new_employee uuid;
    new_account uuid;
begin
    perform access.check_hash(new_hash);
    if exists (select from access.account where login = lower(new_login)) then
        return null;
    end if;
    insert into access.employee (organization_id, surname, given_name, patronymic, snils, position_code)
    values (of_organization, new_surname, new_given_name, new_patronymic, new_snils, new_position)
    returning id into new_employee;
    insert into access.account (organization_id, login, password_hash, role, employee_id, is_password_temporary)
    values (of_organization, lower(new_login), new_hash, new_role, new_employee, true)
    returning id into new_account;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    return new_account;
end
$$;
ALTER FUNCTION access.add_account(by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text, new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text) OWNER TO trustmed_owner;
CREATE FUNCTION access.check_hash(password_hash text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
begin
    if password_hash is null
        or password_hash !~ '^\$argon2id\$v=19\$m=[0-9]{4,8},t=[0-9]{1,3},p=[0-9]{1,3}\$[A-Za-z0-9+/]{16,}\$[A-Za-z0-9+/]{22,}$'
        or substring(password_hash from 'm=([0-9]+)')::integer < 19456
    then
        raise invalid_parameter_value using message = 'not an argon2id hash with 19 MiB of memory or more';
    end if;
end
$_$;
ALTER FUNCTION access.check_hash(password_hash text) OWNER TO trustmed_owner;
CREATE FUNCTION access.end_sessions(by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text DEFAULT NULL::text) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text;
    ended text[];
begin
    if of_account = by_account and of_organization = trustmed.organization_id() then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name, of_organization);
    end if;
    with gone as (
        delete from access.session
        where account_id = of_account and organization_id = of_organization and id is distinct from except_id
        returning id
    )
    select array_agg(id) into ended from gone;
    if ended is not null then
        perform access.note_keeping(
            of_organization, by_account, keeper, 'account:session:end', format(
                '%s: %s',
                (select login from access.account where organization_id = of_organization and id = of_account),
                cardinality(ended)
            )
        );
    end if;
    return query select unnest(ended);
end
$$;
ALTER FUNCTION access.end_sessions(by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text) OWNER TO trustmed_owner;
CREATE FUNCTION access.keeper_name(by_account uuid, by_name text, of_organization integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    found_name text;
begin
    if session_user = 'trustmed_clinic' then
        if of_organization is distinct from trustmed.organization_id() then
            raise insufficient_privilege using message = 'accounts of another organisation';
        end if;
    elsif by_account is null then
        return coalesce(nullif(trim(by_name), ''), session_user);
    end if;
    select concat_ws(' ', e.surname, e.given_name, e.patronymic) into found_name
    from access.account a
    join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id
    where a.organization_id = of_organization and a.id = by_account and a.role = 'head' and a.disabled_at is null;
    if found_name is null then
        raise insufficient_privilege using message = 'only an enabled head of the organisation keeps its accounts';
    end if;
    return found_name;
end
$$;
ALTER FUNCTION access.keeper_name(by_account uuid, by_name text, of_organization integer) OWNER TO trustmed_owner;
CREATE FUNCTION access.note_keeping(of_organization integer, by_account uuid, by_name text, of_action text, of_detail text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail)
    values (of_organization, coalesce(by_account::text, 'command'), by_name, 'site', of_action, 'service', of_detail);
end
$$;
ALTER FUNCTION access.note_keeping(of_organization integer, by_account uuid, by_name text, of_action text, of_detail text) OWNER TO trustmed_owner;
CREATE TABLE access.employee (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    surname text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    snils text,
    position_code text NOT NULL,
    CONSTRAINT employee_snils_check CHECK ((snils ~ '^\d{11}$'::text))
);
ALTER TABLE access.employee OWNER TO trustmed_owner;
CREATE TABLE access.session (
    id text NOT NULL,
    content bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    account_id uuid,
    organization_id integer,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    device text,
    network text
);
ALTER TABLE access.session OWNER TO trustmed_owner;
CREATE FUNCTION access.session_with_account(of_id text) RETURNS TABLE(content bytea, expires_at timestamp with time zone, opened_at timestamp with time zone, account_id uuid, organization_id integer, login text, name text, role text, language text, employee_id uuid, is_disabled boolean, is_password_temporary boolean, has_factor boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT s.content,
     s.expires_at,
     s.opened_at,
     s.account_id,
     s.organization_id,
     a.login,
     concat_ws(' '::text, e.surname, e.given_name, e.patronymic) AS concat_ws,
     a.role,
     a.language,
     a.employee_id,
     (a.disabled_at IS NOT NULL),
     a.is_password_temporary,
     false
    FROM ((access.session s
      LEFT JOIN access.account a ON (((a.organization_id = s.organization_id) AND (a.id = s.account_id))))
      LEFT JOIN access.employee e ON (((e.organization_id = a.organization_id) AND (e.id = a.employee_id))))
   WHERE ((s.id = session_with_account.of_id) AND (s.expires_at > now()));
END;
ALTER FUNCTION access.session_with_account(of_id text) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody disables or enables the own account';
    end if;
    update access.account
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where organization_id = of_organization and id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        of_organization, by_account, keeper, case when is_disabled then 'account:card:disable' else 'account:card:enable' end, its_login
    );
    return true;
end
$$;
ALTER FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_account_role(by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    former record;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody changes the own role';
    end if;
    select login, role into former from access.account
    where organization_id = of_organization and id = of_account for update;
    if not found then
        return false;
    end if;
    update access.account set role = new_role where organization_id = of_organization and id = of_account;
    perform access.note_keeping(
        of_organization, by_account, keeper, 'account:role:change', format('%s: %s → %s', former.login, former.role, new_role)
    );
    return true;
end
$$;
ALTER FUNCTION access.set_account_role(by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_password(by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text;
    its_login text;
begin
    perform access.check_hash(new_hash);
    if of_account = by_account and of_organization = trustmed.organization_id() then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name, of_organization);
    end if;
    update access.account set password_hash = new_hash, is_password_temporary = of_account is distinct from by_account
    where organization_id = of_organization and id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;
ALTER FUNCTION access.set_password(by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text) OWNER TO trustmed_owner;
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
CREATE FUNCTION audit.tell() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    account uuid;
begin
    if exists (
        select from audit.access a
        where a.organization_id = new.organization_id and a.patient_id = new.patient_id
          and a.at >= date_trunc('minute', new.at) and a.at <= new.at and a.id <> new.id
          and a.actor = new.actor and a.action = new.action and a.ground = new.ground and a.outcome = 'granted'
          and a.document_id is not distinct from new.document_id
    ) then
        return null;
    end if;
    -- Apart from the query below: its planner would evaluate the cast before the condition that guards it.
    if pg_input_is_valid(new.actor, 'uuid') then
        account := new.actor::uuid;
    end if;
    insert into audit.reading
        (organization_id, id, at, actor_name, actor_position, action, ground, ground_detail, patient_id, document_id)
    values (
        new.organization_id, new.id, new.at, new.actor_name,
        (
            select coalesce(p.name, e.position_code)
            from access.account a
            join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id
            left join nsi.dictionary d on d.oid = '1.2.643.5.1.13.13.11.1002'
            left join nsi.entry p on p.oid = d.oid and p.version = d.current_version and p.code = e.position_code
            where a.organization_id = new.organization_id and a.id = account
            limit 1
        ),
        new.action, new.ground, case when new.ground in ('consent', 'break_glass') then new.ground_detail end,
        new.patient_id, new.document_id
    );
    return null;
end
$$;
ALTER FUNCTION audit.tell() OWNER TO trustmed_owner;
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
CREATE FUNCTION booking.is_of_site(of_organization integer, of_slot uuid) RETURNS boolean
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (COALESCE(( SELECT max(h.turn) AS max
            FROM booking.handover h
           WHERE ((h.organization_id = is_of_site.of_organization) AND (h.slot_id = is_of_site.of_slot))), 0) = COALESCE(( SELECT max(b.turn) AS max
            FROM booking.handback b
           WHERE ((b.organization_id = is_of_site.of_organization) AND (b.slot_id = is_of_site.of_slot))), 0));
END;
ALTER FUNCTION booking.is_of_site(of_organization integer, of_slot uuid) OWNER TO trustmed_owner;
CREATE FUNCTION mpi.granted_notice() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.outcome = 'granted'::text) AND (access.action = 'record:unverified:read'::text));
END;
ALTER FUNCTION mpi.granted_notice() OWNER TO trustmed_owner;
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
CREATE FUNCTION nsi.folded(written text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(translate(lower(CASE WHEN (written IS NORMALIZED) THEN written ELSE NORMALIZE(written) END), 'ёabcehkmoptxy­​‌‍‎‏⁠﻿'::text, 'еавсенкмортху'::text), '[ 	
!-\-/:-@\[-`{-~«»„“”‘’´–—‐‑―−№§°…·•‰×†≤≥¬       ]+'::text, ' '::text, 'g'::text);
ALTER FUNCTION nsi.folded(written text) OWNER TO trustmed_owner;
CREATE FUNCTION nsi.past_since(content jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN (lower(COALESCE((content ->> 'ACTUAL'::text), (content ->> 'Actual'::text), (content ->> 'REL'::text))) = ANY (ARRAY['0'::text, 'false'::text])) THEN ''::text WHEN (COALESCE((content ->> 'DATEOUT'::text), (content ->> 'DATA_END'::text), (content ->> 'END_DATE'::text)) ~ '^\d{2}\.\d{2}\.\d{4}$'::text) THEN regexp_replace(COALESCE((content ->> 'DATEOUT'::text), (content ->> 'DATA_END'::text), (content ->> 'END_DATE'::text)), '^(..).(..).(....)$'::text, '\3\2\1'::text) ELSE NULL::text END;
ALTER FUNCTION nsi.past_since(content jsonb) OWNER TO trustmed_owner;
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
CREATE VIEW access.staff WITH (security_invoker='true') AS
 SELECT a.organization_id,
    a.id,
    a.login,
    concat_ws(' '::text, e.surname, e.given_name, e.patronymic) AS name,
    a.role,
    a.language,
    a.disabled_at,
    a.is_password_temporary,
    false AS has_factor
   FROM (access.account a
     LEFT JOIN access.employee e ON (((e.organization_id = a.organization_id) AND (e.id = a.employee_id))));
ALTER VIEW access.staff OWNER TO trustmed_owner;
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
CREATE TABLE booking.recall (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    slot_id uuid NOT NULL,
    turn integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE booking.recall OWNER TO trustmed_owner;
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
CREATE TABLE booking.schedule (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    resource_id uuid NOT NULL,
    weekday smallint NOT NULL,
    starts time without time zone NOT NULL,
    ends time without time zone NOT NULL,
    minutes smallint NOT NULL,
    visit_kind text NOT NULL,
    room text,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT schedule_check CHECK ((ends > starts)),
    CONSTRAINT schedule_check1 CHECK ((valid_to >= valid_from)),
    CONSTRAINT schedule_minutes_check CHECK (((minutes >= 5) AND (minutes <= 480))),
    CONSTRAINT schedule_visit_kind_check CHECK ((visit_kind = ANY (ARRAY['first'::text, 'repeat'::text, 'any'::text]))),
    CONSTRAINT schedule_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);
ALTER TABLE booking.schedule OWNER TO trustmed_owner;
CREATE TABLE booking.settlement (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    conflict_id uuid NOT NULL,
    how text NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE booking.settlement OWNER TO trustmed_owner;
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
CREATE TABLE clinic.draft (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    visit_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    author_id uuid NOT NULL,
    kind text NOT NULL,
    form jsonb DEFAULT '{}'::jsonb NOT NULL,
    content bytea,
    sha256 bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT draft_sha256_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE clinic.draft OWNER TO trustmed_owner;
CREATE TABLE clinic.glass_seen (
    organization_id integer NOT NULL,
    id uuid NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_by text NOT NULL,
    seen_by_name text NOT NULL
);
ALTER TABLE clinic.glass_seen OWNER TO trustmed_owner;
CREATE TABLE clinic.mark (
    database text NOT NULL,
    at timestamp with time zone NOT NULL,
    lsn pg_lsn NOT NULL
);
ALTER TABLE clinic.mark OWNER TO trustmed_owner;
CREATE TABLE clinic.new_visit (
    organization_id integer NOT NULL,
    patient_id uuid NOT NULL,
    account text NOT NULL,
    day date DEFAULT CURRENT_DATE NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    reader_name text NOT NULL,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    seen_at timestamp with time zone,
    seen_by text,
    seen_by_name text
);
ALTER TABLE clinic.new_visit OWNER TO trustmed_owner;
CREATE TABLE clinic.verdict (
    organization_id integer NOT NULL,
    sha256 bytea NOT NULL,
    kind text NOT NULL,
    pack_digest text NOT NULL,
    passed boolean NOT NULL,
    rules_checked integer NOT NULL,
    findings jsonb NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT verdict_sha256_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE clinic.verdict OWNER TO trustmed_owner;
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
    CONSTRAINT version_rows_check CHECK ((rows >= 0))
);
ALTER TABLE nsi.version OWNER TO trustmed_owner;
CREATE TABLE public.trustmed_migration (
    component text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE public.trustmed_migration OWNER TO postgres;
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
    CONSTRAINT visit_confirmed_by_another CHECK ((((confirmed_at IS NULL) = (confirmed_by IS NULL)) AND ((confirmed_by IS NULL) = (confirmed_by_name IS NULL)) AND (confirmed_by <> employee_id)))
)
PARTITION BY HASH (organization_id);
ALTER TABLE record.visit OWNER TO trustmed_owner;
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
ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_login_key UNIQUE (login);
ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY access.employee
    ADD CONSTRAINT employee_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY audit.region_anchor
    ADD CONSTRAINT region_anchor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY audit.site_anchor
    ADD CONSTRAINT site_anchor_pkey PRIMARY KEY (organization_id, id);
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
ALTER TABLE ONLY booking.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.site_booking
    ADD CONSTRAINT site_booking_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.site_request
    ADD CONSTRAINT site_request_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY booking.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY clinic.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY clinic.glass_seen
    ADD CONSTRAINT glass_seen_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY clinic.mark
    ADD CONSTRAINT mark_pkey PRIMARY KEY (database, at);
ALTER TABLE ONLY clinic.new_visit
    ADD CONSTRAINT new_visit_pkey PRIMARY KEY (organization_id, patient_id, account, day);
ALTER TABLE ONLY clinic.verdict
    ADD CONSTRAINT verdict_pkey PRIMARY KEY (organization_id, sha256);
ALTER TABLE ONLY mpi.break_glass
    ADD CONSTRAINT break_glass_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY mpi.patient_link
    ADD CONSTRAINT patient_link_pkey PRIMARY KEY (organization_id, patient_id);
ALTER TABLE ONLY mpi.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY nsi.alias
    ADD CONSTRAINT alias_pkey PRIMARY KEY (alias);
ALTER TABLE ONLY nsi.dictionary
    ADD CONSTRAINT dictionary_pkey PRIMARY KEY (oid);
ALTER TABLE ONLY nsi.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (oid, version, key);
ALTER TABLE ONLY nsi.publication
    ADD CONSTRAINT publication_pkey PRIMARY KEY (id);
ALTER TABLE ONLY nsi.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (oid, version);
ALTER TABLE ONLY public.trustmed_migration
    ADD CONSTRAINT trustmed_migration_pkey PRIMARY KEY (component, number);
ALTER TABLE ONLY record.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (organization_id, id);
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
ALTER TABLE ONLY trust.revocation_list
    ADD CONSTRAINT revocation_list_pkey PRIMARY KEY (issuer);
CREATE INDEX session_account ON access.session USING btree (account_id);
CREATE INDEX session_expiry ON access.session USING btree (expires_at);
CREATE INDEX access_glass ON ONLY audit.access USING btree (organization_id, at DESC, id DESC) WHERE ((ground = 'break_glass'::text) AND (outcome = 'granted'::text));
CREATE INDEX access_in_order ON ONLY audit.access USING btree (history, transaction, id);
CREATE INDEX access_patient ON ONLY audit.access USING btree (organization_id, patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX access_person ON ONLY audit.access USING btree (person_id, at) WHERE (person_id IS NOT NULL);
CREATE INDEX access_shown ON ONLY audit.access USING gin (shown) WHERE (shown IS NOT NULL);
CREATE INDEX kept_anchor_of ON audit.kept_anchor USING btree (origin, number);
CREATE INDEX reading_patient ON ONLY audit.reading USING btree (organization_id, patient_id, at DESC, id DESC);
CREATE INDEX region_anchor_newest ON audit.region_anchor USING btree (origin, id DESC);
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX site_anchor_newest ON audit.site_anchor USING btree (origin, id DESC);
CREATE INDEX attendance_booking ON booking.attendance USING btree (organization_id, booking_id);
CREATE INDEX attendance_patient ON booking.attendance USING btree (organization_id, patient_id) WHERE (patient_id IS NOT NULL);
CREATE UNIQUE INDEX conflict_once ON booking.conflict USING btree (organization_id, kind, booking_id, other_booking_id);
CREATE UNIQUE INDEX handback_turn ON ONLY booking.handback USING btree (organization_id, slot_id, turn);
CREATE UNIQUE INDEX handover_turn ON ONLY booking.handover USING btree (organization_id, slot_id, turn);
CREATE UNIQUE INDEX recall_turn ON booking.recall USING btree (organization_id, slot_id, turn);
CREATE INDEX region_booking_of_snils ON ONLY booking.region_booking USING btree (snils, starts_at);
CREATE INDEX region_booking_patient ON ONLY booking.region_booking USING btree (organization_id, patient_id, starts_at);
CREATE INDEX region_booking_person ON ONLY booking.region_booking USING btree (person_id, starts_at);
CREATE UNIQUE INDEX region_booking_request ON ONLY booking.region_booking USING btree (organization_id, request_id);
CREATE UNIQUE INDEX region_booking_slot ON ONLY booking.region_booking USING btree (organization_id, slot_id) WHERE (ended_at IS NULL);
CREATE INDEX region_booking_time ON ONLY booking.region_booking USING btree (organization_id, starts_at);
CREATE UNIQUE INDEX region_request_booking ON booking.region_request USING btree (organization_id, booking_id, ask);
CREATE INDEX schedule_resource ON booking.schedule USING btree (organization_id, resource_id);
CREATE UNIQUE INDEX settlement_conflict ON booking.settlement USING btree (organization_id, conflict_id);
CREATE INDEX site_booking_patient ON ONLY booking.site_booking USING btree (organization_id, patient_id, starts_at);
CREATE UNIQUE INDEX site_booking_request ON ONLY booking.site_booking USING btree (organization_id, request_id);
CREATE UNIQUE INDEX site_booking_slot ON ONLY booking.site_booking USING btree (organization_id, slot_id) WHERE (ended_at IS NULL);
CREATE INDEX site_booking_time ON ONLY booking.site_booking USING btree (organization_id, starts_at);
CREATE INDEX site_request_booking ON booking.site_request USING btree (organization_id, booking_id);
CREATE UNIQUE INDEX slot_once ON ONLY booking.slot USING btree (organization_id, resource_id, starts_at) WHERE (withdrawn_at IS NULL);
CREATE INDEX slot_time ON ONLY booking.slot USING btree (organization_id, starts_at);
CREATE INDEX slot_withdrawn ON ONLY booking.slot USING btree (organization_id, starts_at) WHERE (withdrawn_at IS NOT NULL);
CREATE INDEX draft_visit ON clinic.draft USING btree (organization_id, visit_id);
CREATE UNIQUE INDEX new_visit_id ON clinic.new_visit USING btree (organization_id, id);
CREATE UNIQUE INDEX new_visit_newest ON clinic.new_visit USING btree (organization_id, first_at DESC, id DESC);
CREATE INDEX break_glass_at ON mpi.break_glass USING btree (organization_id, at DESC, id DESC);
CREATE INDEX patient_birth_date ON ONLY mpi.patient USING btree (organization_id, birth_date, sort_key);
CREATE INDEX patient_enp ON ONLY mpi.patient USING btree (organization_id, enp);
CREATE UNIQUE INDEX patient_link_identity ON mpi.patient_link USING btree (organization_id, patient_id, person_id);
ALTER TABLE ONLY mpi.patient_link REPLICA IDENTITY USING INDEX patient_link_identity;
CREATE INDEX patient_link_person ON mpi.patient_link USING btree (person_id);
CREATE INDEX patient_order ON ONLY mpi.patient USING btree (organization_id, sort_key);
CREATE INDEX patient_snils ON ONLY mpi.patient USING btree (organization_id, snils);
CREATE INDEX alias_oid ON nsi.alias USING btree (oid);
CREATE INDEX entry_begins ON nsi.entry USING btree (oid, version, substr(sought, (strpos(sought, '| '::text) + 2), 60));
CREATE INDEX entry_code ON nsi.entry USING btree (oid, version, code);
CREATE INDEX entry_parent ON nsi.entry USING btree (oid, version, parent_key) WHERE (parent_key IS NOT NULL);
CREATE INDEX entry_sought ON nsi.entry USING gin ((((oid || ' '::text) || version)), sought trustmed.gin_trgm_ops);
CREATE INDEX publication_oid ON nsi.publication USING btree (oid, id);
CREATE INDEX consent_patient ON ONLY record.consent USING btree (organization_id, patient_id, given_at DESC);
CREATE INDEX visit_document_visit ON ONLY record.visit_document USING btree (organization_id, visit_id);
CREATE INDEX visit_patient ON ONLY record.visit USING btree (organization_id, patient_id, started_at DESC);
CREATE TRIGGER kept AFTER INSERT ON audit.region_anchor FOR EACH ROW EXECUTE FUNCTION audit.keep_region_anchor();
ALTER TABLE audit.region_anchor ENABLE REPLICA TRIGGER kept;
CREATE TRIGGER kept AFTER INSERT ON audit.site_anchor FOR EACH ROW EXECUTE FUNCTION audit.keep_site_anchor();
ALTER TABLE audit.site_anchor ENABLE REPLICA TRIGGER kept;
CREATE TRIGGER told AFTER INSERT ON audit.access FOR EACH ROW WHEN (((new.channel = 'site'::text) AND (new.outcome = 'granted'::text) AND (new.patient_id IS NOT NULL) AND (new.organization_id IS NOT NULL))) EXECUTE FUNCTION audit.tell();
ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_organization_id_employee_id_fkey FOREIGN KEY (organization_id, employee_id) REFERENCES access.employee(organization_id, id);
ALTER TABLE ONLY booking.schedule
    ADD CONSTRAINT schedule_organization_id_resource_id_fkey FOREIGN KEY (organization_id, resource_id) REFERENCES booking.resource(organization_id, id);
ALTER TABLE ONLY nsi.alias
    ADD CONSTRAINT alias_oid_fkey FOREIGN KEY (oid) REFERENCES nsi.dictionary(oid);
ALTER TABLE ONLY nsi.publication
    ADD CONSTRAINT publication_oid_version_fkey FOREIGN KEY (oid, version) REFERENCES nsi.version(oid, version);
ALTER TABLE ONLY nsi.version
    ADD CONSTRAINT version_oid_fkey FOREIGN KEY (oid) REFERENCES nsi.dictionary(oid);
ALTER TABLE access.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.employee ENABLE ROW LEVEL SECURITY;
CREATE POLICY keeper_reads ON access.account FOR SELECT TO trustmed_keeper USING (true);
CREATE POLICY keeper_reads ON access.employee FOR SELECT TO trustmed_keeper USING (true);
CREATE POLICY own_organization ON access.account TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON access.employee TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY feed_reads ON audit.reading FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON audit.region_anchor FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON audit.site_anchor FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY granted_person ON audit.reading FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = reading.organization_id) AND (l.patient_id = reading.patient_id) AND (l.person_id = ( SELECT audit.granted_trail() AS granted_trail))))));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY own_organization ON audit.reading FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE audit.reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.region_anchor ENABLE ROW LEVEL SECURITY;
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
ALTER TABLE audit.site_anchor ENABLE ROW LEVEL SECURITY;
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
CREATE POLICY own_organization ON booking.schedule TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.settlement TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.site_booking TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.site_request TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON booking.slot TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE booking.quota ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.recall ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.region_booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.region_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.settlement ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.site_booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.site_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking.slot ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinic.draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinic.glass_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinic.new_visit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON clinic.draft TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON clinic.glass_seen TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON clinic.new_visit TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON clinic.verdict TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE clinic.verdict ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.break_glass ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_reads ON mpi.break_glass FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON mpi.patient FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_writes ON mpi.patient_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_glass ON mpi.break_glass FOR INSERT TO trustmed_region WITH CHECK (((person_id = ( SELECT audit.granted_glass() AS granted_glass)) AND (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = break_glass.organization_id) AND (l.patient_id = break_glass.patient_id) AND (l.person_id = break_glass.person_id))))));
CREATE POLICY granted_person ON mpi.patient_link FOR SELECT TO trustmed_region USING ((person_id = ( SELECT audit.granted_person() AS granted_person)));
CREATE POLICY granted_unverified ON mpi.break_glass FOR INSERT TO trustmed_region WITH CHECK (((person_id = ( SELECT mpi.granted_notice() AS granted_notice)) AND (EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = break_glass.organization_id) AND (l.patient_id = break_glass.patient_id) AND (l.person_id = break_glass.person_id))))));
CREATE POLICY own_organization ON mpi.break_glass FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON mpi.patient TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON mpi.patient_link FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE mpi.patient ENABLE ROW LEVEL SECURITY;
ALTER TABLE mpi.patient_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_reads ON record.consent FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.visit FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON record.visit_document FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY granted_person ON record.consent FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = consent.organization_id) AND (l.patient_id = consent.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON record.visit FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = visit.organization_id) AND (l.patient_id = visit.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY own_organization ON record.consent TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.visit TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON record.visit_document TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
ALTER TABLE record.visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.visit_document ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA access TO trustmed_clinic;
GRANT USAGE ON SCHEMA access TO trustmed_region;
GRANT USAGE ON SCHEMA access TO trustmed_keeper;
GRANT USAGE ON SCHEMA access TO trustmed_auditor;
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
GRANT USAGE ON SCHEMA audit TO trustmed_auditor;
GRANT USAGE ON SCHEMA audit TO trustmed_feed;
GRANT USAGE ON SCHEMA audit TO trustmed_link;
GRANT USAGE ON SCHEMA booking TO trustmed_clinic;
GRANT USAGE ON SCHEMA booking TO trustmed_region;
GRANT USAGE ON SCHEMA booking TO trustmed_feed;
GRANT USAGE ON SCHEMA booking TO trustmed_link;
GRANT USAGE ON SCHEMA booking TO trustmed_monitor;
GRANT USAGE ON SCHEMA clinic TO trustmed_clinic;
GRANT USAGE ON SCHEMA mpi TO trustmed_clinic;
GRANT USAGE ON SCHEMA mpi TO trustmed_region;
GRANT USAGE ON SCHEMA mpi TO trustmed_feed;
GRANT USAGE ON SCHEMA mpi TO trustmed_link;
GRANT USAGE ON SCHEMA mpi TO trustmed_monitor;
GRANT USAGE ON SCHEMA nsi TO trustmed_clinic;
GRANT USAGE ON SCHEMA nsi TO trustmed_region;
GRANT USAGE ON SCHEMA nsi TO trustmed_link;
GRANT USAGE ON SCHEMA nsi TO trustmed_monitor;
GRANT USAGE ON SCHEMA record TO trustmed_clinic;
GRANT USAGE ON SCHEMA record TO trustmed_region;
GRANT USAGE ON SCHEMA record TO trustmed_feed;
GRANT USAGE ON SCHEMA record TO trustmed_link;
GRANT USAGE ON SCHEMA record TO trustmed_monitor;
GRANT USAGE ON SCHEMA replication TO trustmed_link;
GRANT USAGE ON SCHEMA replication TO trustmed_monitor;
GRANT USAGE ON SCHEMA trust TO trustmed_clinic;
GRANT USAGE ON SCHEMA trust TO trustmed_region;
GRANT USAGE ON SCHEMA trust TO trustmed_link;
GRANT USAGE ON SCHEMA trust TO trustmed_monitor;
GRANT USAGE ON SCHEMA trustmed TO PUBLIC;
GRANT SELECT ON TABLE access.account TO trustmed_clinic;
GRANT SELECT(organization_id) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(id) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(login) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(role) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(employee_id) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(language) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(disabled_at) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(is_password_temporary) ON TABLE access.account TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.account_for_login(of_login text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.account_for_login(of_login text) TO trustmed_clinic;
REVOKE ALL ON FUNCTION access.add_account(by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text, new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.add_account(by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text, new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text) TO trustmed_clinic;
GRANT ALL ON FUNCTION access.add_account(by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text, new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.check_hash(password_hash text) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text) TO trustmed_clinic;
GRANT ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.keeper_name(by_account uuid, by_name text, of_organization integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.note_keeping(of_organization integer, by_account uuid, by_name text, of_action text, of_detail text) FROM PUBLIC;
GRANT SELECT ON TABLE access.employee TO trustmed_clinic;
GRANT SELECT ON TABLE access.employee TO trustmed_keeper;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.session TO trustmed_clinic;
GRANT SELECT(id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(expires_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(account_id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(organization_id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(opened_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(seen_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(device) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(network) ON TABLE access.session TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.session_with_account(of_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.session_with_account(of_id text) TO trustmed_clinic;
REVOKE ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean) TO trustmed_clinic;
GRANT ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text) TO trustmed_clinic;
GRANT ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text) TO trustmed_clinic;
GRANT ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text) TO trustmed_keeper;
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
GRANT SELECT ON TABLE booking.handback TO trustmed_clinic;
GRANT SELECT ON TABLE booking.handback TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.handback TO trustmed_feed;
GRANT SELECT ON TABLE booking.handback TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.handover TO trustmed_clinic;
GRANT SELECT ON TABLE booking.handover TO trustmed_feed;
GRANT SELECT ON TABLE booking.handover TO trustmed_link;
GRANT SELECT ON TABLE booking.handover TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_region;
GRANT SELECT ON TABLE mpi.patient_link TO trustmed_link;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE mpi.patient_link TO trustmed_feed;
REVOKE ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mpi.person_of(of_organization integer, of_patient uuid) TO trustmed_region;
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
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_link;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_monitor;
GRANT ALL ON FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) TO trustmed_monitor;
GRANT SELECT ON TABLE replication.loss TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) TO trustmed_monitor;
REVOKE ALL ON PROCEDURE trustmed.close_to_monitor(IN of_schema text) FROM PUBLIC;
GRANT SELECT ON TABLE access.staff TO trustmed_clinic;
GRANT SELECT ON TABLE access.staff TO trustmed_keeper;
GRANT SELECT ON TABLE audit.dropped TO trustmed_auditor;
GRANT SELECT ON TABLE audit.kept_anchor TO trustmed_auditor;
GRANT SELECT ON TABLE audit.reading TO trustmed_clinic;
GRANT SELECT ON TABLE audit.reading TO trustmed_region;
GRANT SELECT ON TABLE audit.reading TO trustmed_feed;
GRANT SELECT ON TABLE audit.reading TO trustmed_link;
GRANT SELECT,INSERT ON TABLE booking.attendance TO trustmed_clinic;
GRANT SELECT ON TABLE booking.attendance TO trustmed_feed;
GRANT SELECT ON TABLE booking.attendance TO trustmed_link;
GRANT SELECT ON TABLE booking.conflict TO trustmed_clinic;
GRANT SELECT ON TABLE booking.conflict TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.conflict TO trustmed_feed;
GRANT SELECT ON TABLE booking.quota TO trustmed_clinic;
GRANT SELECT ON TABLE booking.quota TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.quota TO trustmed_feed;
GRANT SELECT ON TABLE booking.quota TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.recall TO trustmed_clinic;
GRANT SELECT ON TABLE booking.recall TO trustmed_feed;
GRANT SELECT ON TABLE booking.recall TO trustmed_link;
GRANT SELECT ON TABLE booking.recall TO trustmed_region;
GRANT SELECT ON TABLE booking.region_booking TO trustmed_clinic;
GRANT SELECT ON TABLE booking.region_booking TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.region_booking TO trustmed_feed;
GRANT SELECT ON TABLE booking.region_request TO trustmed_clinic;
GRANT SELECT ON TABLE booking.region_request TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.region_request TO trustmed_feed;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.resource TO trustmed_clinic;
GRANT SELECT ON TABLE booking.resource TO trustmed_feed;
GRANT SELECT ON TABLE booking.resource TO trustmed_link;
GRANT SELECT ON TABLE booking.resource TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE booking.schedule TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE booking.settlement TO trustmed_clinic;
GRANT SELECT ON TABLE booking.settlement TO trustmed_feed;
GRANT SELECT ON TABLE booking.settlement TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.site_booking TO trustmed_clinic;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_feed;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_link;
GRANT SELECT ON TABLE booking.site_booking TO trustmed_region;
GRANT SELECT,INSERT ON TABLE booking.site_request TO trustmed_clinic;
GRANT SELECT ON TABLE booking.site_request TO trustmed_feed;
GRANT SELECT ON TABLE booking.site_request TO trustmed_link;
GRANT SELECT,INSERT,UPDATE ON TABLE booking.slot TO trustmed_clinic;
GRANT SELECT ON TABLE booking.slot TO trustmed_feed;
GRANT SELECT ON TABLE booking.slot TO trustmed_link;
GRANT SELECT ON TABLE booking.slot TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE clinic.draft TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE clinic.glass_seen TO trustmed_clinic;
GRANT SELECT,INSERT,DELETE ON TABLE clinic.mark TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT UPDATE(last_at) ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT UPDATE(times) ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT UPDATE(seen_at) ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT UPDATE(seen_by) ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT UPDATE(seen_by_name) ON TABLE clinic.new_visit TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE clinic.verdict TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE mpi.patient TO trustmed_clinic;
GRANT SELECT ON TABLE mpi.patient TO trustmed_feed;
GRANT SELECT ON TABLE mpi.patient TO trustmed_link;
GRANT SELECT ON TABLE nsi.alias TO trustmed_clinic;
GRANT SELECT ON TABLE nsi.alias TO trustmed_region;
GRANT SELECT ON TABLE nsi.alias TO trustmed_link;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_clinic;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_region;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_link;
GRANT SELECT(oid) ON TABLE nsi.dictionary TO trustmed_monitor;
GRANT SELECT(current_version) ON TABLE nsi.dictionary TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.entry TO trustmed_clinic;
GRANT SELECT ON TABLE nsi.entry TO trustmed_region;
GRANT SELECT ON TABLE nsi.entry TO trustmed_link;
GRANT SELECT ON TABLE nsi.publication TO trustmed_clinic;
GRANT SELECT ON TABLE nsi.publication TO trustmed_region;
GRANT SELECT ON TABLE nsi.publication TO trustmed_link;
GRANT SELECT ON TABLE nsi.version TO trustmed_clinic;
GRANT SELECT ON TABLE nsi.version TO trustmed_region;
GRANT SELECT ON TABLE nsi.version TO trustmed_link;
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT,INSERT,UPDATE ON TABLE record.visit TO trustmed_clinic;
GRANT SELECT ON TABLE record.visit TO trustmed_region;
GRANT SELECT ON TABLE record.visit TO trustmed_feed;
GRANT SELECT ON TABLE record.visit TO trustmed_link;
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
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE trust.revocation_list TO trustmed_region;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_link;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_monitor;
