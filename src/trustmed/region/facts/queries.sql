-- name: sizes
-- The sizes of those bodies that exist, in the order of locking.
select b.organization_id, b.document_id, octet_length(b.content)
from unnest(%(organizations)s::integer[], %(documents)s::uuid[]) as w(organization_id, document_id)
join record.document_body b using (organization_id, document_id)
order by 1, 2;

-- name: bodies
-- The exact signed bytes of documents.
select b.organization_id, b.document_id, b.patient_id, b.content
from unnest(%(organizations)s::integer[], %(documents)s::uuid[]) as w(organization_id, document_id)
join record.document_body b using (organization_id, document_id)
order by 1, 2;

-- name: store_sources
-- First in its transaction: another reader of the same document waits here.
insert into record.fact_source (organization_id, document_id, patient_id, extractor, facts, not_understood, error)
select s.organization_id, s.document_id, s.patient_id, s.extractor, s.facts, s.not_understood, s.error
from json_to_recordset(%(sources)s::json) as s(
    organization_id integer, document_id uuid, patient_id uuid, extractor integer, facts integer,
    not_understood integer, error text
)
order by 1, 2
on conflict (organization_id, document_id) do update set
    patient_id = excluded.patient_id, extractor = excluded.extractor, extracted_at = clock_timestamp(),
    facts = excluded.facts, not_understood = excluded.not_understood, error = excluded.error;

-- name: drop_facts
-- Delete the former facts of documents.
delete from record.fact f
using unnest(%(organizations)s::integer[], %(documents)s::uuid[]) as w(organization_id, document_id)
where f.organization_id = w.organization_id and f.document_id = w.document_id;

-- name: drop_sources
-- Forget documents that no longer exist.
delete from record.fact_source s
using unnest(%(organizations)s::integer[], %(documents)s::uuid[]) as w(organization_id, document_id)
where s.organization_id = w.organization_id and s.document_id = w.document_id;

-- name: store_facts
-- Store the present facts of documents.
insert into record.fact (organization_id, document_id, ordinal, patient_id, kind, code, system, system_version, title,
    text, value, unit, abnormal, at, until, section, detail, url)
select f.organization_id, f.document_id, f.ordinal, f.patient_id, f.kind, f.code, f.system, f.system_version,
    coalesce(f.title, f.text, f.code, f.value, f.kind), f.text, f.value, f.unit, f.abnormal,
    coalesce(f.at, uuid_extract_timestamp(f.document_id), now()), f.until, f.section, coalesce(f.detail, '{}'), f.url
from json_to_recordset(%(facts)s::json) as f(
    organization_id integer, document_id uuid, ordinal integer, patient_id uuid, kind text, code text, system text,
    system_version text, title text, text text, value text, unit text, abnormal text, at timestamptz,
    until timestamptz, section text, detail jsonb, url text
);

-- name: next_documents
-- A page of documents in the order of their keys, and which version of the reader has read each.
select b.organization_id, b.document_id,
    (select s.extractor from record.fact_source s
     where s.organization_id = b.organization_id and s.document_id = b.document_id)
from record.document_body b
where (b.organization_id, b.document_id) > (%(organization_id)s, %(document_id)s::uuid)
order by b.organization_id, b.document_id
limit %(count)s;

-- name: read_by_older
-- Documents that an older version of the reader has read.
select organization_id, document_id from record.fact_source
where extractor < %(extractor)s order by extractor limit %(count)s;

-- name: about_how_many
-- The number of documents, estimated by statistics.
select greatest(coalesce(sum(c.reltuples), 0), 0)::bigint
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'record.document_body'::regclass and c.reltuples > 0;

-- name: census
-- How many documents a shard has, in which state, and what they gave.
select (select count(*) from record.document_body) as documents,
       count(*) filter (where extractor >= %(extractor)s and error is null) as extracted,
       count(*) filter (where extractor < %(extractor)s) as older,
       count(*) filter (where error is not null) as failed,
       coalesce(sum(facts), 0)::bigint as facts, coalesce(sum(not_understood), 0)::bigint as not_understood
from record.fact_source;

-- name: latest_failures
-- Some documents that could not be read, the latest first.
select organization_id, document_id, extracted_at as at, error
from record.fact_source where error is not null order by extracted_at desc limit %(count)s;
