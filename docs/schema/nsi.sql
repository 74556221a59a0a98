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
CREATE TABLE audit.access (
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    organization_id integer,
    actor text NOT NULL,
    actor_name text NOT NULL,
    channel text NOT NULL,
    action text NOT NULL,
    ground text NOT NULL,
    ground_detail text,
    person_id uuid,
    patient_id uuid,
    document_id uuid,
    outcome text DEFAULT 'granted'::text NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT access_action_check CHECK ((action ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'::text)),
    CONSTRAINT access_channel_check CHECK ((channel = ANY (ARRAY['site'::text, 'portal'::text, 'region'::text]))),
    CONSTRAINT access_ground_check CHECK ((ground = ANY (ARRAY['own'::text, 'treatment'::text, 'consent'::text, 'break_glass'::text, 'service'::text]))),
    CONSTRAINT access_outcome_check CHECK ((outcome = ANY (ARRAY['granted'::text, 'refused'::text, 'not_found'::text])))
);
ALTER TABLE audit.access OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_glass() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.outcome = 'granted'::text) AND (access.ground = 'break_glass'::text));
END;
ALTER FUNCTION audit.granted_glass() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_index() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM audit.access
           WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.action ~~ 'mpi:index:%'::text) AND (access.ground = 'service'::text) AND (access.outcome = 'granted'::text)))) AS "exists";
END;
ALTER FUNCTION audit.granted_index() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_person() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.outcome = 'granted'::text));
END;
ALTER FUNCTION audit.granted_person() OWNER TO trustmed_owner;
CREATE FUNCTION audit.granted_trail() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT access.person_id
    FROM audit.access
   WHERE ((access.id = (NULLIF(current_setting('trustmed.access_id'::text, true), ''::text))::uuid) AND (access.transaction = pg_current_xact_id_if_assigned()) AND (access.outcome = 'granted'::text) AND ((access.ground = 'own'::text) OR (access.action = 'audit:trail:read'::text)));
END;
ALTER FUNCTION audit.granted_trail() OWNER TO trustmed_owner;
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
CREATE FUNCTION trustmed.organization_id() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('trustmed.organization_id'::text, true), ''::text))::integer;
ALTER FUNCTION trustmed.organization_id() OWNER TO trustmed_owner;
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
    ADD CONSTRAINT access_pkey PRIMARY KEY (id);
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
CREATE INDEX access_glass ON audit.access USING btree (organization_id, at DESC, id DESC) WHERE ((ground = 'break_glass'::text) AND (outcome = 'granted'::text));
CREATE INDEX access_patient ON audit.access USING btree (organization_id, patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX access_person ON audit.access USING btree (person_id, at) WHERE (person_id IS NOT NULL);
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
CREATE POLICY clinic_reads ON audit.access FOR SELECT TO trustmed_clinic USING ((organization_id = trustmed.organization_id()));
CREATE POLICY clinic_writes ON audit.access FOR INSERT TO trustmed_clinic WITH CHECK (((organization_id = trustmed.organization_id()) AND (channel = 'site'::text)));
CREATE POLICY granted_trail ON audit.access FOR SELECT TO trustmed_region USING (((outcome = 'granted'::text) AND (person_id = ( SELECT audit.granted_trail() AS granted_trail))));
CREATE POLICY monitor_reads ON audit.access FOR SELECT TO trustmed_monitor USING (true);
CREATE POLICY region_writes ON audit.access FOR INSERT TO trustmed_region WITH CHECK ((channel = ANY (ARRAY['portal'::text, 'region'::text])));
GRANT USAGE ON SCHEMA audit TO trustmed_clinic;
GRANT USAGE ON SCHEMA audit TO trustmed_region;
GRANT USAGE ON SCHEMA audit TO trustmed_monitor;
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
GRANT SELECT ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT ON TABLE audit.access TO trustmed_monitor;
GRANT INSERT(id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(id),INSERT(id) ON TABLE audit.access TO trustmed_region;
GRANT SELECT(at) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(organization_id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(organization_id),INSERT(organization_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(actor) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(actor_name) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(actor_name),INSERT(actor_name) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(channel) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(channel),INSERT(channel) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(action) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(action),INSERT(action) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(ground),INSERT(ground) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(ground_detail) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(ground_detail),INSERT(ground_detail) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(person_id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(person_id),INSERT(person_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_clinic;
GRANT INSERT(patient_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(document_id) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(document_id),INSERT(document_id) ON TABLE audit.access TO trustmed_region;
GRANT INSERT(outcome) ON TABLE audit.access TO trustmed_clinic;
GRANT SELECT(outcome),INSERT(outcome) ON TABLE audit.access TO trustmed_region;
GRANT SELECT ON TABLE nsi.entry TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.entry TO trustmed_region;
GRANT SELECT ON TABLE nsi.entry TO trustmed_link;
GRANT SELECT ON TABLE nsi.entry TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.version TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.version TO trustmed_region;
GRANT SELECT ON TABLE nsi.version TO trustmed_link;
GRANT SELECT ON TABLE nsi.version TO trustmed_monitor;
REVOKE ALL ON FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION nsi.drop_extract(oid_wanted text, version_wanted text) TO trustmed_region;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_link;
GRANT SELECT ON TABLE replication.heartbeat TO trustmed_monitor;
GRANT ALL ON FUNCTION replication.beat(of_link text, of_changes bigint, of_target_lsn pg_lsn) TO trustmed_monitor;
GRANT SELECT ON TABLE replication.loss TO trustmed_monitor;
REVOKE ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) FROM PUBLIC;
GRANT ALL ON FUNCTION replication.note_loss(of_link text, of_slot text, of_cause text, of_words text) TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.alias TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.alias TO trustmed_region;
GRANT SELECT ON TABLE nsi.alias TO trustmed_link;
GRANT SELECT ON TABLE nsi.alias TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.dictionary TO trustmed_region;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_link;
GRANT SELECT ON TABLE nsi.dictionary TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.holding TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.holding TO trustmed_monitor;
GRANT SELECT,INSERT,UPDATE ON TABLE nsi.own_draft TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.own_row TO trustmed_region;
GRANT SELECT ON TABLE nsi.publication TO trustmed_clinic;
GRANT SELECT,INSERT ON TABLE nsi.publication TO trustmed_region;
GRANT SELECT ON TABLE nsi.publication TO trustmed_link;
GRANT SELECT ON TABLE nsi.publication TO trustmed_monitor;
GRANT SELECT ON TABLE nsi.site_seen TO trustmed_region;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE nsi.site_seen TO trustmed_monitor;
GRANT SELECT ON TABLE public.trustmed_migration TO trustmed_monitor;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_link;
GRANT SELECT ON TABLE replication.incarnation TO trustmed_monitor;
GRANT SELECT ON TABLE replication.quarantine TO trustmed_monitor;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_clinic;
GRANT SELECT,INSERT,UPDATE ON TABLE trust.revocation_list TO trustmed_region;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_link;
GRANT SELECT ON TABLE trust.revocation_list TO trustmed_monitor;
