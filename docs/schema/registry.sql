CREATE SCHEMA access;
ALTER SCHEMA access OWNER TO trustmed_owner;
CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO trustmed_owner;
CREATE SCHEMA authority;
ALTER SCHEMA authority OWNER TO trustmed_owner;
CREATE SCHEMA feed;
ALTER SCHEMA feed OWNER TO trustmed_owner;
CREATE SCHEMA monitor;
ALTER SCHEMA monitor OWNER TO trustmed_owner;
CREATE SCHEMA mpi;
ALTER SCHEMA mpi OWNER TO trustmed_owner;
CREATE SCHEMA registry;
ALTER SCHEMA registry OWNER TO trustmed_owner;
CREATE SCHEMA replication;
ALTER SCHEMA replication OWNER TO trustmed_owner;
CREATE SCHEMA trustmed;
ALTER SCHEMA trustmed OWNER TO trustmed_owner;
CREATE FUNCTION access.add_account(by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text DEFAULT 'ru'::text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    new_account uuid;
begin
    perform access.check_hash(new_hash);
    insert into access.account (login, password_hash, name, role, language, is_password_temporary)
    values (lower(new_login), new_hash, new_name, new_role, new_language, true)
    on conflict (login) do nothing
    returning id into new_account;
    if new_account is not null then
        perform access.note_keeping(by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    end if;
    return new_account;
end
$$;
ALTER FUNCTION access.add_account(by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text) OWNER TO trustmed_owner;
CREATE FUNCTION access.add_client(by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer DEFAULT 100, new_organizations integer[] DEFAULT NULL::integer[]) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    new_client uuid;
begin
    perform access.check_token(new_token_sha256);
    insert into access.client (name, token_sha256, scopes, requests_per_second, organizations)
    values (new_name, new_token_sha256, new_scopes, new_rate, new_organizations)
    on conflict (name) do nothing
    returning id into new_client;
    if new_client is not null then
        perform access.note_keeping(
            by_account, keeper, 'client:card:create', format('%s: %s', new_name, array_to_string(new_scopes, ', '))
        );
    end if;
    return new_client;
end
$$;
ALTER FUNCTION access.add_client(by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer, new_organizations integer[]) OWNER TO trustmed_owner;
CREATE FUNCTION access.bind_portal(by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    if coalesce(trim(new_audience), '') = '' or new_thumbprint is null then
        raise invalid_parameter_value using message = 'a portal is bound by its client_id and the thumbprint of its key';
    end if;
    update access.client set audience = new_audience, key_thumbprint = new_thumbprint where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, 'client:key:change', format('%s: %s, %s', its_name, new_audience, new_thumbprint)
    );
    return true;
end
$$;
ALTER FUNCTION access.bind_portal(by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text) OWNER TO trustmed_owner;
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
CREATE FUNCTION access.check_token(token_sha256 text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
begin
    if token_sha256 is null or token_sha256 !~ '^[0-9a-f]{64}$' then
        raise invalid_parameter_value using message = 'not the SHA-256 of a token in hex';
    end if;
end
$_$;
ALTER FUNCTION access.check_token(token_sha256 text) OWNER TO trustmed_owner;
CREATE TABLE access.view (
    token_sha256 text NOT NULL,
    person_id uuid NOT NULL,
    client text NOT NULL,
    client_name text NOT NULL,
    page text NOT NULL,
    language text NOT NULL,
    expires_at timestamp with time zone DEFAULT (clock_timestamp() + '00:05:00'::interval) NOT NULL,
    opened_at timestamp with time zone,
    session_sha256 text,
    session_until timestamp with time zone,
    detail text,
    CONSTRAINT view_language_check CHECK ((language = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT view_page_check CHECK ((page = 'accesses'::text))
);
ALTER TABLE access.view OWNER TO trustmed_owner;
CREATE FUNCTION access.detail_of_session(of_session_sha256 text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT view.detail
    FROM access.view
   WHERE ((view.session_sha256 = detail_of_session.of_session_sha256) AND (view.session_until > clock_timestamp()));
END;
ALTER FUNCTION access.detail_of_session(of_session_sha256 text) OWNER TO trustmed_owner;
CREATE FUNCTION access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text DEFAULT NULL::text) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text;
    ended text[];
begin
    if of_account = by_account then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name);
    end if;
    with gone as (
        delete from access.session where account_id = of_account and id is distinct from except_id returning id
    )
    select array_agg(id) into ended from gone;
    if ended is not null then
        perform access.note_keeping(
            by_account, keeper, 'account:session:end',
            format('%s: %s', (select login from access.account where id = of_account), cardinality(ended))
        );
    end if;
    return query select unnest(ended);
end
$$;
ALTER FUNCTION access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text) OWNER TO trustmed_owner;
CREATE FUNCTION access.is_last_of_role(of_account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    its_role text;
begin
    select role into its_role from access.account where id = of_account and disabled_at is null;
    perform from access.account where role = its_role and disabled_at is null order by id for update;
    return its_role is not null and not exists (
        select from access.account where role = its_role and disabled_at is null and id <> of_account
    );
end
$$;
ALTER FUNCTION access.is_last_of_role(of_account uuid) OWNER TO trustmed_owner;
CREATE FUNCTION access.keeper_name(by_account uuid, by_name text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    found_name text;
begin
    if session_user <> 'trustmed_region' and by_account is null then
        return coalesce(nullif(trim(by_name), ''), session_user);
    end if;
    select name into found_name from access.account
    where id = by_account and role = 'engineer' and disabled_at is null;
    if found_name is null then
        raise insufficient_privilege using message = 'only an enabled engineer keeps accounts and clients';
    end if;
    return found_name;
end
$$;
ALTER FUNCTION access.keeper_name(by_account uuid, by_name text) OWNER TO trustmed_owner;
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
CREATE FUNCTION audit.granted_trail() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.at >= (now() - '1 day'::interval)) AND (access.at < (now() + '1 day'::interval)) AND (access.outcome = 'granted'::text) AND ((access.ground = 'own'::text) OR (access.action = 'audit:trail:read'::text)));
END;
ALTER FUNCTION audit.granted_trail() OWNER TO trustmed_owner;
CREATE FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 DELETE FROM access.view
   WHERE (view.expires_at < (clock_timestamp() - '1 day'::interval));
 INSERT INTO access.view (token_sha256, person_id, client, client_name, page, language)  SELECT make_view.with_token_sha256 AS with_token_sha256,
             make_view.of_person AS of_person,
             make_view.by_client AS by_client,
             make_view.by_client_name AS by_client_name,
             make_view.of_page AS of_page,
             make_view.in_language AS in_language
           WHERE (make_view.of_person = audit.granted_trail())
   RETURNING view.expires_at;
END;
ALTER FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text) OWNER TO trustmed_owner;
CREATE FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text, with_detail text) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 DELETE FROM access.view
   WHERE (view.expires_at < (clock_timestamp() - '1 day'::interval));
 INSERT INTO access.view (token_sha256, person_id, client, client_name, page, language, detail)  SELECT make_view.with_token_sha256 AS with_token_sha256,
             make_view.of_person AS of_person,
             make_view.by_client AS by_client,
             make_view.by_client_name AS by_client_name,
             make_view.of_page AS of_page,
             make_view.in_language AS in_language,
             make_view.with_detail AS with_detail
           WHERE (make_view.of_person = audit.granted_trail())
   RETURNING view.expires_at;
END;
ALTER FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text, with_detail text) OWNER TO trustmed_owner;
CREATE FUNCTION access.note_keeping(by_account uuid, by_name text, of_action text, of_detail text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (coalesce(by_account::text, 'command'), by_name, 'region', of_action, 'service', of_detail);
end
$$;
ALTER FUNCTION access.note_keeping(by_account uuid, by_name text, of_action text, of_detail text) OWNER TO trustmed_owner;
CREATE FUNCTION access.open_view(of_token_sha256 text, with_session_sha256 text) RETURNS TABLE(person_id uuid, client text, client_name text, page text, language text, until timestamp with time zone)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 UPDATE access.view SET opened_at = clock_timestamp(), session_sha256 = open_view.with_session_sha256, session_until = (clock_timestamp() + '00:15:00'::interval)
   WHERE ((view.token_sha256 = open_view.of_token_sha256) AND (view.opened_at IS NULL) AND (view.expires_at > clock_timestamp()))
   RETURNING view.person_id,
     view.client,
     view.client_name,
     view.page,
     view.language,
     view.session_until;
END;
ALTER FUNCTION access.open_view(of_token_sha256 text, with_session_sha256 text) OWNER TO trustmed_owner;
CREATE FUNCTION access.reset_factor(by_account uuid, by_name text, of_account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody resets the own second factor';
    end if;
    update access.account set factor = null, factor_step = null, recovery_sha256 = '{}'
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'account:factor:reset', its_login);
    return true;
end
$$;
ALTER FUNCTION access.reset_factor(by_account uuid, by_name text, of_account uuid) OWNER TO trustmed_owner;
CREATE FUNCTION access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval DEFAULT '00:00:00'::interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    perform access.check_token(new_token_sha256);
    if overlap not between '0' and '1 day' then
        raise invalid_parameter_value using message = 'a former token opens for a day at most';
    end if;
    update access.client
    set token_sha256 = new_token_sha256,
        former_token_sha256 = case when overlap > '0' then token_sha256 end,
        former_until = case when overlap > '0' then clock_timestamp() + overlap end
    where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, 'client:token:rotate', its_name || case when overlap > '0' then format(', %s', overlap) else '' end
    );
    return true;
end
$$;
ALTER FUNCTION access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval) OWNER TO trustmed_owner;
CREATE TABLE access.account (
    id uuid DEFAULT uuidv7() NOT NULL,
    login text NOT NULL,
    password_hash text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    language text DEFAULT 'ru'::text NOT NULL,
    disabled_at timestamp with time zone,
    is_password_temporary boolean DEFAULT false NOT NULL,
    factor bytea,
    factor_step bigint,
    recovery_sha256 text[] DEFAULT '{}'::text[] NOT NULL,
    has_factor boolean GENERATED ALWAYS AS ((factor IS NOT NULL)) STORED,
    CONSTRAINT account_language_check CHECK ((language = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT account_login_check CHECK ((login = lower(login))),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['engineer'::text, 'analyst'::text, 'steward'::text, 'physician'::text, 'operator'::text])))
);
ALTER TABLE access.account OWNER TO trustmed_owner;
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
     a.name,
     a.role,
     a.language,
     NULL::uuid AS uuid,
     (a.disabled_at IS NOT NULL),
     a.is_password_temporary,
     a.has_factor
    FROM (access.session s
      LEFT JOIN access.account a ON ((a.id = s.account_id)))
   WHERE ((s.id = session_with_account.of_id) AND (s.expires_at > now()));
END;
ALTER FUNCTION access.session_with_account(of_id text) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody disables or enables the own account';
    end if;
    update access.account
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, case when is_disabled then 'account:card:disable' else 'account:card:enable' end, its_login
    );
    return true;
end
$$;
ALTER FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    former record;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody changes the own role';
    end if;
    select login, role into former from access.account where id = of_account for update;
    if not found then
        return false;
    end if;
    update access.account set role = new_role where id = of_account;
    perform access.note_keeping(
        by_account, keeper, 'account:role:change', format('%s: %s → %s', former.login, former.role, new_role)
    );
    return true;
end
$$;
ALTER FUNCTION access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    update access.client
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, case when is_disabled then 'client:card:disable' else 'client:card:enable' end, its_name
    );
    return true;
end
$$;
ALTER FUNCTION access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_factor(of_session text, new_factor bytea, first_step bigint, new_recovery text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    owner record;
begin
    select a.id, a.name, a.login into owner
    from access.session s join access.account a on a.id = s.account_id
    where s.id = of_session and s.expires_at > now() and a.disabled_at is null
    for update of a;
    if not found then
        return false;
    end if;
    update access.account set factor = new_factor, factor_step = first_step, recovery_sha256 = new_recovery
    where id = owner.id;
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (owner.id::text, owner.name, 'region', 'account:factor:create', 'own', owner.login);
    return true;
end
$$;
ALTER FUNCTION access.set_factor(of_session text, new_factor bytea, first_step bigint, new_recovery text[]) OWNER TO trustmed_owner;
CREATE FUNCTION access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    keeper text;
    its_login text;
begin
    perform access.check_hash(new_hash);
    if of_account = by_account then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name);
    end if;
    update access.account set password_hash = new_hash, is_password_temporary = of_account is distinct from by_account
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;
ALTER FUNCTION access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) OWNER TO trustmed_owner;
CREATE FUNCTION access.take_factor_step(of_account uuid, new_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update access.account set factor_step = new_step
    where id = of_account and factor is not null and disabled_at is null and (factor_step is null or factor_step < new_step);
    return found;
end
$$;
ALTER FUNCTION access.take_factor_step(of_account uuid, new_step bigint) OWNER TO trustmed_owner;
CREATE FUNCTION access.take_recovery_code(of_account uuid, code_sha256 text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    owner record;
begin
    update access.account set recovery_sha256 = array_remove(recovery_sha256, code_sha256)
    where id = of_account and disabled_at is null and code_sha256 = any (recovery_sha256)
    returning id, name, cardinality(recovery_sha256) as left_over into owner;
    if not found then
        return false;
    end if;
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (owner.id::text, owner.name, 'region', 'account:recovery:use', 'own', format('left: %s', owner.left_over));
    return true;
end
$$;
ALTER FUNCTION access.take_recovery_code(of_account uuid, code_sha256 text) OWNER TO trustmed_owner;
CREATE FUNCTION access.view_of_session(of_session_sha256 text) RETURNS TABLE(person_id uuid, client text, client_name text, page text, language text, until timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT view.person_id,
     view.client,
     view.client_name,
     view.page,
     view.language,
     view.session_until
    FROM access.view
   WHERE ((view.session_sha256 = view_of_session.of_session_sha256) AND (view.session_until > clock_timestamp()));
END;
ALTER FUNCTION access.view_of_session(of_session_sha256 text) OWNER TO trustmed_owner;
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
CREATE TABLE registry.document (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    set_id uuid NOT NULL,
    version_number integer DEFAULT 1 NOT NULL,
    patient_id uuid NOT NULL,
    visit_id uuid,
    kind text NOT NULL,
    title text NOT NULL,
    author_id uuid NOT NULL,
    author_name text NOT NULL,
    author_position text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    media_type text DEFAULT 'application/xml'::text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    signature_count smallint NOT NULL,
    arrived_at timestamp with time zone DEFAULT clock_timestamp(),
    CONSTRAINT document_sha256_check CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT document_signature_count_check CHECK ((signature_count > 0)),
    CONSTRAINT document_size_bytes_check CHECK ((size_bytes > 0))
)
PARTITION BY HASH (organization_id);
ALTER TABLE registry.document OWNER TO trustmed_owner;
CREATE FUNCTION registry.about_how_many() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (COALESCE(sum(GREATEST((c.reltuples)::bigint, pg_stat_get_live_tuples(c.oid), (0)::bigint)), (0)::numeric))::bigint AS "coalesce"
    FROM (pg_class c
      JOIN pg_inherits i ON ((i.inhrelid = c.oid)))
   WHERE (i.inhparent = ('registry.document'::regclass)::oid);
END;
ALTER FUNCTION registry.about_how_many() OWNER TO trustmed_owner;
CREATE FUNCTION registry.documents_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN bool_or((d.author_id <> documents_prove.to_reader)) THEN 'proven'::text
             WHEN bool_or((d.signed_at >= documents_prove.new_since)) THEN 'new'::text
             ELSE NULL::text
         END AS "case"
    FROM (mpi.patient_link l
      JOIN registry.document d ON (((d.organization_id = l.organization_id) AND (d.patient_id = l.patient_id))))
   WHERE ((l.person_id = documents_prove.of_person) AND (l.organization_id = documents_prove.of_organization) AND (d.organization_id = documents_prove.of_organization) AND (d.signed_at >= documents_prove.since));
END;
ALTER FUNCTION registry.documents_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) OWNER TO trustmed_owner;
CREATE FUNCTION registry.newest(how_many integer) RETURNS TABLE(organization_id integer, id uuid, kind text, title text, signed_at timestamp with time zone, size_bytes integer, sha256 bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT d.organization_id,
     d.id,
     d.kind,
     d.title,
     d.signed_at,
     d.size_bytes,
     d.sha256
    FROM registry.document d
   ORDER BY d.signed_at DESC, d.id DESC
  LIMIT LEAST(newest.how_many, 200);
END;
ALTER FUNCTION registry.newest(how_many integer) OWNER TO trustmed_owner;
CREATE FUNCTION registry.newest_of(of_organization integer, how_many integer) RETURNS TABLE(organization_id integer, id uuid, kind text, title text, signed_at timestamp with time zone, size_bytes integer, sha256 bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT d.organization_id,
     d.id,
     d.kind,
     d.title,
     d.signed_at,
     d.size_bytes,
     d.sha256
    FROM registry.document d
   WHERE (d.organization_id = newest_of.of_organization)
   ORDER BY d.signed_at DESC, d.id DESC
  LIMIT LEAST(newest_of.how_many, 200);
END;
ALTER FUNCTION registry.newest_of(of_organization integer, how_many integer) OWNER TO trustmed_owner;
CREATE FUNCTION registry.treats(of_person uuid, of_organization integer, since timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (mpi.patient_link l
              JOIN registry.document d ON (((d.organization_id = l.organization_id) AND (d.patient_id = l.patient_id))))
           WHERE ((l.person_id = treats.of_person) AND (l.organization_id = treats.of_organization) AND (d.organization_id = treats.of_organization) AND (d.signed_at >= treats.since)))) AS "exists";
END;
ALTER FUNCTION registry.treats(of_person uuid, of_organization integer, since timestamp with time zone) OWNER TO trustmed_owner;
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
CREATE TABLE access.client (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    token_sha256 text NOT NULL,
    scopes text[] NOT NULL,
    disabled_at timestamp with time zone,
    requests_per_second integer DEFAULT 100 NOT NULL,
    organizations integer[],
    former_token_sha256 text,
    former_until timestamp with time zone,
    audience text,
    key_thumbprint text,
    CONSTRAINT client_key_thumbprint_check CHECK ((key_thumbprint ~ '^[A-Za-z0-9_-]{43}$'::text)),
    CONSTRAINT client_requests_per_second_check CHECK (((requests_per_second >= 1) AND (requests_per_second <= 100000))),
    CONSTRAINT client_scopes_check CHECK ((scopes <@ ARRAY['portal'::text, 'metrics'::text, 'mpi'::text, 'record'::text, 'booking'::text, 'federal'::text]))
);
ALTER TABLE access.client OWNER TO trustmed_owner;
CREATE VIEW access.staff WITH (security_invoker='true') AS
 SELECT NULL::integer AS organization_id,
    id,
    login,
    name,
    role,
    language,
    disabled_at,
    is_password_temporary,
    has_factor
   FROM access.account a;
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
CREATE TABLE authority.certificate (
    serial text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    organizations integer[] NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    key_sha256 bytea NOT NULL,
    content bytea NOT NULL,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    way text NOT NULL,
    issued_by text NOT NULL,
    renews text,
    CONSTRAINT certificate_kind_check CHECK ((kind = ANY (ARRAY['site'::text, 'program'::text, 'portal'::text, 'gateway'::text]))),
    CONSTRAINT certificate_serial_check CHECK ((serial ~ '^[0-9a-f]+$'::text)),
    CONSTRAINT certificate_way_check CHECK ((way = ANY (ARRAY['code'::text, 'renewal'::text, 'request'::text, 'command'::text, 'restored'::text])))
);
ALTER TABLE authority.certificate OWNER TO trustmed_owner;
CREATE TABLE authority.code (
    id uuid DEFAULT uuidv7() NOT NULL,
    verifier bytea NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    organizations integer[] NOT NULL,
    uses text[] NOT NULL,
    days integer NOT NULL,
    hosts text[] DEFAULT '{}'::text[] NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    made_by text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    serial text,
    CONSTRAINT code_check CHECK (((used_at IS NULL) = (serial IS NULL))),
    CONSTRAINT code_days_check CHECK (((days >= 1) AND (days <= 3650))),
    CONSTRAINT code_kind_check CHECK ((kind = ANY (ARRAY['site'::text, 'program'::text, 'portal'::text, 'gateway'::text]))),
    CONSTRAINT code_uses_check CHECK ((uses <@ ARRAY['client'::text, 'server'::text])),
    CONSTRAINT code_verifier_check CHECK ((length(verifier) = 32))
);
ALTER TABLE authority.code OWNER TO trustmed_owner;
CREATE TABLE authority.revocation (
    serial text NOT NULL,
    at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    revoked_by text NOT NULL
);
ALTER TABLE authority.revocation OWNER TO trustmed_owner;
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
CREATE TABLE monitor.link_state (
    link text NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    site text,
    state text NOT NULL,
    lag_ms double precision,
    lag_bytes bigint,
    lag_rows bigint,
    cause text,
    error_ru text,
    error_en text,
    action_ru text,
    action_en text,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT link_state_state_check CHECK ((state = ANY (ARRAY['streaming'::text, 'catching_up'::text, 'copying'::text, 'broken'::text, 'unreachable'::text, 'paused'::text])))
);
ALTER TABLE monitor.link_state OWNER TO trustmed_owner;
CREATE TABLE public.trustmed_migration (
    component text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE public.trustmed_migration OWNER TO postgres;
CREATE TABLE registry.document_event (
    organization_id integer NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    document_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    event text NOT NULL,
    actor_id uuid NOT NULL,
    actor_name text NOT NULL,
    CONSTRAINT document_event_event_check CHECK ((event = 'signed'::text))
)
PARTITION BY HASH (organization_id);
ALTER TABLE registry.document_event OWNER TO trustmed_owner;
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
ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_login_key UNIQUE (login);
ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.client
    ADD CONSTRAINT client_former_token_sha256_key UNIQUE (former_token_sha256);
ALTER TABLE ONLY access.client
    ADD CONSTRAINT client_name_key UNIQUE (name);
ALTER TABLE ONLY access.client
    ADD CONSTRAINT client_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.client
    ADD CONSTRAINT client_token_sha256_key UNIQUE (token_sha256);
ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY access.view
    ADD CONSTRAINT view_pkey PRIMARY KEY (token_sha256);
ALTER TABLE ONLY access.view
    ADD CONSTRAINT view_session_sha256_key UNIQUE (session_sha256);
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
ALTER TABLE ONLY authority.certificate
    ADD CONSTRAINT certificate_key_sha256_key UNIQUE (key_sha256);
ALTER TABLE ONLY authority.certificate
    ADD CONSTRAINT certificate_pkey PRIMARY KEY (serial);
ALTER TABLE ONLY authority.code
    ADD CONSTRAINT code_pkey PRIMARY KEY (id);
ALTER TABLE ONLY authority.code
    ADD CONSTRAINT code_verifier_key UNIQUE (verifier);
ALTER TABLE ONLY authority.revocation
    ADD CONSTRAINT revocation_pkey PRIMARY KEY (serial);
ALTER TABLE ONLY feed.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (id);
ALTER TABLE ONLY feed."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY monitor.link_state
    ADD CONSTRAINT link_state_pkey PRIMARY KEY (link);
ALTER TABLE ONLY mpi.patient_link
    ADD CONSTRAINT patient_link_pkey PRIMARY KEY (organization_id, patient_id);
ALTER TABLE ONLY public.trustmed_migration
    ADD CONSTRAINT trustmed_migration_pkey PRIMARY KEY (component, number);
ALTER TABLE ONLY registry.document_event
    ADD CONSTRAINT document_event_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY registry.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY replication.heartbeat
    ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (link, seq);
ALTER TABLE ONLY replication.incarnation
    ADD CONSTRAINT incarnation_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY replication.loss
    ADD CONSTRAINT loss_pkey PRIMARY KEY (link, slot, cause);
ALTER TABLE ONLY replication.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);
CREATE INDEX session_account ON access.session USING btree (account_id);
CREATE INDEX session_expiry ON access.session USING btree (expires_at);
CREATE INDEX view_expiry ON access.view USING btree (expires_at);
CREATE INDEX access_glass ON ONLY audit.access USING btree (organization_id, at DESC, id DESC) WHERE ((ground = 'break_glass'::text) AND (outcome = 'granted'::text));
CREATE INDEX access_in_order ON ONLY audit.access USING btree (history, transaction, id);
CREATE INDEX access_patient ON ONLY audit.access USING btree (organization_id, patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX access_person ON ONLY audit.access USING btree (person_id, at) WHERE (person_id IS NOT NULL);
CREATE INDEX access_shown ON ONLY audit.access USING gin (shown) WHERE (shown IS NOT NULL);
CREATE INDEX kept_anchor_of ON audit.kept_anchor USING btree (origin, number);
CREATE INDEX seal_time ON audit.seal USING btree (last_at);
CREATE INDEX certificate_bearer ON authority.certificate USING btree (kind, name, not_after);
CREATE INDEX parked_due ON feed.parked USING btree (next_try_at);
CREATE INDEX parked_key ON feed.parked USING btree (consumer, key, id);
CREATE UNIQUE INDEX patient_link_identity ON mpi.patient_link USING btree (organization_id, patient_id, person_id);
ALTER TABLE ONLY mpi.patient_link REPLICA IDENTITY USING INDEX patient_link_identity;
CREATE INDEX patient_link_person ON mpi.patient_link USING btree (person_id);
CREATE INDEX document_event_document ON ONLY registry.document_event USING btree (organization_id, document_id);
CREATE INDEX document_patient ON ONLY registry.document USING btree (organization_id, patient_id, created_at DESC);
CREATE INDEX document_signed ON ONLY registry.document USING btree (signed_at DESC, id DESC);
CREATE INDEX document_signed_organization ON ONLY registry.document USING btree (organization_id, signed_at DESC, id DESC);
CREATE INDEX document_visit ON ONLY registry.document USING btree (organization_id, visit_id);
ALTER TABLE access.view ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.access ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditor_reads ON audit.access FOR SELECT TO trustmed_auditor USING (true);
CREATE POLICY authority_writes ON audit.access FOR INSERT TO trustmed_keeper WITH CHECK (((channel = 'region'::text) AND (action ~~ 'authority:%'::text)));
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
CREATE POLICY feed_writes ON mpi.patient_link TO trustmed_feed USING (true) WITH CHECK (true);
CREATE POLICY granted_person ON mpi.patient_link FOR SELECT TO trustmed_region USING ((person_id = ( SELECT audit.granted_person() AS granted_person)));
CREATE POLICY own_organization ON mpi.patient_link FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
ALTER TABLE mpi.patient_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.document_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY feed_reads ON registry.document FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY feed_reads ON registry.document_event FOR SELECT TO trustmed_feed USING (true);
CREATE POLICY granted_person ON registry.document FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM mpi.patient_link l
  WHERE ((l.organization_id = document.organization_id) AND (l.patient_id = document.patient_id) AND (l.person_id = ( SELECT audit.granted_person() AS granted_person))))));
CREATE POLICY granted_person ON registry.document_event FOR SELECT TO trustmed_region USING ((EXISTS ( SELECT
   FROM registry.document d
  WHERE ((d.organization_id = document_event.organization_id) AND (d.id = document_event.document_id)))));
CREATE POLICY own_organization ON registry.document TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
CREATE POLICY own_organization ON registry.document_event TO trustmed_clinic USING ((organization_id = trustmed.organization_id())) WITH CHECK ((organization_id = trustmed.organization_id()));
GRANT USAGE ON SCHEMA access TO trustmed_region;
GRANT USAGE ON SCHEMA access TO trustmed_keeper;
GRANT USAGE ON SCHEMA access TO trustmed_auditor;
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
GRANT USAGE ON SCHEMA audit TO trustmed_auditor;
GRANT USAGE ON SCHEMA audit TO trustmed_keeper;
GRANT USAGE ON SCHEMA authority TO trustmed_region;
GRANT USAGE ON SCHEMA authority TO trustmed_keeper;
GRANT USAGE ON SCHEMA authority TO trustmed_monitor;
GRANT USAGE ON SCHEMA feed TO trustmed_feed;
GRANT USAGE ON SCHEMA feed TO trustmed_region;
GRANT USAGE ON SCHEMA feed TO trustmed_monitor;
GRANT USAGE ON SCHEMA monitor TO trustmed_region;
GRANT USAGE ON SCHEMA monitor TO trustmed_monitor;
GRANT USAGE ON SCHEMA mpi TO trustmed_clinic;
GRANT USAGE ON SCHEMA mpi TO trustmed_region;
GRANT USAGE ON SCHEMA mpi TO trustmed_feed;
GRANT USAGE ON SCHEMA mpi TO trustmed_link;
GRANT USAGE ON SCHEMA mpi TO trustmed_monitor;
GRANT USAGE ON SCHEMA registry TO trustmed_clinic;
GRANT USAGE ON SCHEMA registry TO trustmed_region;
GRANT USAGE ON SCHEMA registry TO trustmed_feed;
GRANT USAGE ON SCHEMA registry TO trustmed_link;
GRANT USAGE ON SCHEMA registry TO trustmed_monitor;
GRANT USAGE ON SCHEMA replication TO trustmed_link;
GRANT USAGE ON SCHEMA replication TO trustmed_monitor;
GRANT USAGE ON SCHEMA trustmed TO PUBLIC;
REVOKE ALL ON FUNCTION access.add_account(by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.add_account(by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text) TO trustmed_region;
GRANT ALL ON FUNCTION access.add_account(by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.add_client(by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer, new_organizations integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION access.add_client(by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer, new_organizations integer[]) TO trustmed_region;
GRANT ALL ON FUNCTION access.add_client(by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer, new_organizations integer[]) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.bind_portal(by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.bind_portal(by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text) TO trustmed_region;
GRANT ALL ON FUNCTION access.bind_portal(by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.check_hash(password_hash text) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.check_token(token_sha256 text) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.detail_of_session(of_session_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.detail_of_session(of_session_sha256 text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text) TO trustmed_region;
GRANT ALL ON FUNCTION access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.is_last_of_role(of_account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION access.is_last_of_role(of_account uuid) TO trustmed_region;
GRANT ALL ON FUNCTION access.is_last_of_role(of_account uuid) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.keeper_name(by_account uuid, by_name text) FROM PUBLIC;
GRANT SELECT ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT ON TABLE audit.access TO trustmed_auditor;
GRANT SELECT(id),INSERT(id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(id) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(at) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(organization_id),INSERT(organization_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(organization_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(organization_id) ON TABLE audit.access TO trustmed_keeper;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(actor_name),INSERT(actor_name) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(actor_name) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(actor_name) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(channel),INSERT(channel) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(channel) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(channel) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(action),INSERT(action) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(action) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(action) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(ground),INSERT(ground) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(ground) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(ground_detail),INSERT(ground_detail) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground_detail) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(ground_detail) ON TABLE audit.access TO trustmed_keeper;
GRANT SELECT(person_id),INSERT(person_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(person_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(document_id),INSERT(document_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(document_id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(outcome),INSERT(outcome) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(outcome) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(outcome) ON TABLE audit.access TO trustmed_keeper;
GRANT INSERT(shown) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(shown) ON TABLE audit.access TO trustmed_region;
REVOKE ALL ON FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text, with_detail text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.make_view(of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text, with_detail text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.note_keeping(by_account uuid, by_name text, of_action text, of_detail text) FROM PUBLIC;
REVOKE ALL ON FUNCTION access.open_view(of_token_sha256 text, with_session_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.open_view(of_token_sha256 text, with_session_sha256 text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.reset_factor(by_account uuid, by_name text, of_account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION access.reset_factor(by_account uuid, by_name text, of_account uuid) TO trustmed_region;
GRANT ALL ON FUNCTION access.reset_factor(by_account uuid, by_name text, of_account uuid) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval) FROM PUBLIC;
GRANT ALL ON FUNCTION access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval) TO trustmed_region;
GRANT ALL ON FUNCTION access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval) TO trustmed_keeper;
GRANT SELECT ON TABLE access.account TO trustmed_region;
GRANT SELECT(id) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(login) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(name) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(role) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(language) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(disabled_at) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(is_password_temporary) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT(has_factor) ON TABLE access.account TO trustmed_keeper;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.session TO trustmed_region;
GRANT SELECT(id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(expires_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(account_id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(organization_id) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(opened_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(seen_at) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(device) ON TABLE access.session TO trustmed_keeper;
GRANT SELECT(network) ON TABLE access.session TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.session_with_account(of_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.session_with_account(of_id text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean) TO trustmed_region;
GRANT ALL ON FUNCTION access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) TO trustmed_region;
GRANT ALL ON FUNCTION access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean) TO trustmed_region;
GRANT ALL ON FUNCTION access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.set_factor(of_session text, new_factor bytea, first_step bigint, new_recovery text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_factor(of_session text, new_factor bytea, first_step bigint, new_recovery text[]) TO trustmed_region;
REVOKE ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) TO trustmed_region;
GRANT ALL ON FUNCTION access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) TO trustmed_keeper;
REVOKE ALL ON FUNCTION access.take_factor_step(of_account uuid, new_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION access.take_factor_step(of_account uuid, new_step bigint) TO trustmed_region;
REVOKE ALL ON FUNCTION access.take_recovery_code(of_account uuid, code_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.take_recovery_code(of_account uuid, code_sha256 text) TO trustmed_region;
REVOKE ALL ON FUNCTION access.view_of_session(of_session_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.view_of_session(of_session_sha256 text) TO trustmed_region;
REVOKE ALL ON FUNCTION audit.begin_history(former smallint, last_sealed xid8) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.cluster_now(OUT system_identifier bigint, OUT timeline text) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.drop_part(part text, by_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.drop_part(part text, by_name text) TO trustmed_auditor;
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
GRANT SELECT,INSERT ON TABLE registry.document TO trustmed_clinic;
GRANT SELECT ON TABLE registry.document TO trustmed_region;
GRANT SELECT ON TABLE registry.document TO trustmed_feed;
GRANT SELECT ON TABLE registry.document TO trustmed_link;
REVOKE ALL ON FUNCTION registry.about_how_many() FROM PUBLIC;
GRANT ALL ON FUNCTION registry.about_how_many() TO trustmed_region;
REVOKE ALL ON FUNCTION registry.documents_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION registry.documents_prove(of_person uuid, of_organization integer, to_reader uuid, since timestamp with time zone, new_since timestamp with time zone) TO trustmed_region;
REVOKE ALL ON FUNCTION registry.newest(how_many integer) FROM PUBLIC;
GRANT ALL ON FUNCTION registry.newest(how_many integer) TO trustmed_region;
REVOKE ALL ON FUNCTION registry.newest_of(of_organization integer, how_many integer) FROM PUBLIC;
GRANT ALL ON FUNCTION registry.newest_of(of_organization integer, how_many integer) TO trustmed_region;
REVOKE ALL ON FUNCTION registry.treats(of_person uuid, of_organization integer, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION registry.treats(of_person uuid, of_organization integer, since timestamp with time zone) TO trustmed_region;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_link;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_monitor;
GRANT ALL ON FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.digest(of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[], of_link text, for_reason text, primary_key text[], OUT rows bigint, OUT hashes numeric) TO trustmed_monitor;
GRANT SELECT ON TABLE replication.loss TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) TO trustmed_monitor;
REVOKE ALL ON PROCEDURE trustmed.close_to_monitor(IN of_schema text) FROM PUBLIC;
GRANT SELECT ON TABLE access.client TO trustmed_region;
GRANT SELECT(id) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(name) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(scopes) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(disabled_at) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(requests_per_second) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(organizations) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(audience) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT(key_thumbprint) ON TABLE access.client TO trustmed_keeper;
GRANT SELECT ON TABLE access.staff TO trustmed_region;
GRANT SELECT ON TABLE access.staff TO trustmed_keeper;
GRANT SELECT ON TABLE audit.dropped TO trustmed_auditor;
GRANT SELECT ON TABLE audit.kept_anchor TO trustmed_auditor;
GRANT SELECT,INSERT ON TABLE authority.certificate TO trustmed_region;
GRANT SELECT,INSERT ON TABLE authority.certificate TO trustmed_keeper;
GRANT SELECT ON TABLE authority.certificate TO trustmed_monitor;
GRANT SELECT ON TABLE authority.code TO trustmed_region;
GRANT SELECT,INSERT ON TABLE authority.code TO trustmed_keeper;
GRANT UPDATE(used_at) ON TABLE authority.code TO trustmed_region;
GRANT UPDATE(used_at) ON TABLE authority.code TO trustmed_keeper;
GRANT UPDATE(serial) ON TABLE authority.code TO trustmed_region;
GRANT UPDATE(serial) ON TABLE authority.code TO trustmed_keeper;
GRANT SELECT ON TABLE authority.revocation TO trustmed_region;
GRANT SELECT,INSERT ON TABLE authority.revocation TO trustmed_keeper;
GRANT SELECT ON TABLE authority.revocation TO trustmed_monitor;
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
GRANT SELECT ON TABLE monitor.link_state TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE monitor.link_state TO trustmed_monitor;
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT,INSERT ON TABLE registry.document_event TO trustmed_clinic;
GRANT SELECT ON TABLE registry.document_event TO trustmed_region;
GRANT SELECT ON TABLE registry.document_event TO trustmed_feed;
GRANT SELECT ON TABLE registry.document_event TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT(id) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(at) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(link) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(relation) ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT(reason) ON TABLE replication.quarantine TO trustmed_monitor;
