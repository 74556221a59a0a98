-- What documents say in codes, read out of their bodies on the region's shard. Derived: deleted, it is read out anew.

create schema if not exists record;
grant usage on schema record to trustmed_region, trustmed_feed;

create table record.fact (
    organization_id integer not null,
    document_id uuid not null,
    ordinal integer not null,          -- as the document has them, from 1
    patient_id uuid not null,
    kind text not null check (kind in (
        'diagnosis', 'allergy', 'vital', 'laboratory', 'image', 'sick_leave', 'disability', 'medication', 'procedure',
        'vaccination', 'referral', 'other'
    )),
    code text,                         -- of dictionary `system` (an OID); null where the document has but words
    system text,
    title text not null,
    text text,
    value text,
    unit text,
    abnormal text,                     -- code of the interpretation, unless it says that all is well
    at timestamptz not null,           -- of a fact without a time, when its document was begun
    until timestamptz,
    section text,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
    url text,
    system_version text,
    primary key (organization_id, document_id, ordinal),
    check (code is null or system is not null)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.fact');
-- The patient first: an index that begins with the organisation is taken for the organisation alone while a table is new.
create index fact_patient on record.fact (patient_id, organization_id, at desc);

-- Which documents were read, by which version of the reader, and what came of it.
create table record.fact_source (
    organization_id integer not null,
    document_id uuid not null,
    patient_id uuid not null,
    extractor integer not null,
    extracted_at timestamptz not null default clock_timestamp(),
    facts integer not null,
    not_understood integer not null,   -- entries that are not what CDA says they are
    error text,                        -- why the document gave nothing: in Russian, then in English
    primary key (organization_id, document_id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.fact_source');
create index fact_source_extractor on record.fact_source (extractor);
create index fact_source_failed on record.fact_source (extracted_at) where error is not null;

alter table record.fact enable row level security;
alter table record.fact_source enable row level security;
create policy granted_person on record.fact for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = fact.organization_id and l.patient_id = fact.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
create policy granted_person on record.fact_source for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = fact_source.organization_id and l.patient_id = fact_source.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
grant select on record.fact, record.fact_source to trustmed_region;

create policy feed_works on record.fact to trustmed_feed using (true) with check (true);
create policy feed_works on record.fact_source to trustmed_feed using (true) with check (true);
grant select, insert, update, delete on record.fact, record.fact_source to trustmed_feed;
