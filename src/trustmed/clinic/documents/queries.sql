-- name: entries
-- Dictionary rows of the versions in force, by OID and code.
select e.code, e.name as display, d.oid as system, d.title as system_name, e.version as system_version
from unnest(%(oids)s::text[], %(codes)s::text[]) as wanted (oid, code)
join nsi.dictionary d on d.oid = wanted.oid
join nsi.entry e on e.oid = d.oid and e.version = d.current_version and e.code = wanted.code;

-- name: choices
-- All rows of small dictionaries, for lists to choose from.
select e.code, e.name as display, d.oid as system, d.title as system_name, e.version as system_version
from nsi.dictionary d
join nsi.entry e on e.oid = d.oid and e.version = d.current_version
where d.oid = any(%(oids)s::text[])
order by d.oid, length(e.code), e.code
limit 2000;

-- name: add_draft
-- Begin a document.
insert into clinic.draft (organization_id, visit_id, patient_id, author_id, kind, form)
values (%(organization_id)s, %(visit_id)s, %(patient_id)s, %(author_id)s, %(kind)s, %(form)s)
returning id;

-- name: find_draft
-- A draft without its bytes.
select id, visit_id, patient_id, author_id, kind, form, sha256, octet_length(content) as size_bytes, updated_at
from clinic.draft
where organization_id = %(organization_id)s and id = %(id)s;

-- name: find_draft_content
-- A draft with the bytes last previewed.
select id, visit_id, patient_id, author_id, kind, content, sha256
from clinic.draft
where organization_id = %(organization_id)s and id = %(id)s;

-- name: find_draft_to_sign
-- A draft with its bytes, its author, and the author's position as the dictionary in force names it.
select d.id, d.visit_id, d.patient_id, d.author_id, d.kind, d.content, d.sha256,
       e.id as employee_id, e.surname, e.given_name, e.patronymic, e.snils, e.position_code,
       coalesce(p.name, e.position_code) as position
from clinic.draft d
left join access.employee e on e.organization_id = d.organization_id and e.id = d.author_id
left join nsi.dictionary n on n.oid = %(positions)s
left join nsi.entry p on p.oid = n.oid and p.version = n.current_version and p.code = e.position_code
where d.organization_id = %(organization_id)s and d.id = %(id)s;

-- name: drafts_of_visit
-- The drafts of a visit.
select id, visit_id, patient_id, author_id, kind, form, sha256, octet_length(content) as size_bytes, updated_at
from clinic.draft
where organization_id = %(organization_id)s and visit_id = %(visit_id)s
order by id;

-- name: save_draft
-- Store the form and forget the bytes previewed before: they no longer match it.
update clinic.draft
set form = %(form)s, content = null, sha256 = null, updated_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and author_id = %(author_id)s
returning id;

-- name: store_preview
-- Store the bytes as previewed: exactly these are signed.
update clinic.draft
set content = %(content)b, sha256 = %(sha256)b, updated_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and author_id = %(author_id)s
returning id;

-- name: drop_draft
-- Delete a draft whose document is signed.
delete from clinic.draft where organization_id = %(organization_id)s and id = %(id)s;

-- name: link_visit
-- Link a document to its visit and record that in the trail, before the document is stored. Answers with the visit it
-- is linked to; nothing is recorded if that is another visit. No row: another transaction has just linked it and this
-- snapshot does not see it yet, so ask again.
with linked as (
    insert into record.visit_document (organization_id, visit_id, document_id)
    values (%(organization_id)s, %(visit_id)s, %(document_id)s)
    on conflict (organization_id, document_id) do nothing
    returning visit_id
), found as (
    select visit_id from linked
    union all
    select visit_id from record.visit_document
    where organization_id = %(organization_id)s and document_id = %(document_id)s
), noted as (
    insert into audit.access
        (organization_id, actor, actor_name, channel, action, ground, ground_detail, patient_id, document_id, outcome)
    select %(organization_id)s, %(actor)s, %(actor_name)s, 'site', %(action)s, %(ground)s, %(detail)s, %(patient_id)s,
           %(document_id)s, %(outcome)s
    from found
    where visit_id = %(visit_id)s
)
select visit_id from found;

-- name: store_document
-- Store document, body, signatures and event at once; nothing if a document of this id exists already.
with kept as (
    insert into registry.document
        (organization_id, id, set_id, version_number, patient_id, visit_id, kind, title, author_id, author_name,
         author_position, created_at, signed_at, size_bytes, sha256, signature_count)
    values
        (%(organization_id)s, %(id)s, %(set_id)s, %(version_number)s, %(patient_id)s, %(visit_id)s, %(kind)s,
         %(title)s, %(author_id)s, %(author_name)s, %(author_position)s, %(created_at)s, clock_timestamp(),
         %(size_bytes)s, %(sha256)b, %(signature_count)s)
    on conflict (organization_id, id) do nothing
    returning *
), body as (
    insert into record.document_body (organization_id, document_id, patient_id, sha256, content)
    select organization_id, id, patient_id, sha256, %(content)b from kept
), signature as (
    insert into record.document_signature
        (organization_id, document_id, patient_id, role, signer_name, signer_snils, signer_ogrn, algorithm,
         certificate_serial, certificate_sha256, claimed_at, verified_at, crl_issued_at, crl_stale, content)
    select organization_id, id, patient_id, s.*
    from kept
    cross join unnest(
        %(roles)s::text[], %(signer_names)s::text[], %(signer_snils)s::text[], %(signer_ogrns)s::text[],
        %(algorithms)s::text[], %(serials)s::text[], %(certificates)s::text[], %(claimed)s::timestamptz[],
        %(verified)s::timestamptz[], %(crl_issued)s::timestamptz[], %(crl_stale)s::boolean[], %(containers)s::bytea[]
    ) as s
), event as (
    insert into registry.document_event (organization_id, document_id, event, actor_id, actor_name)
    select organization_id, id, 'signed', author_id, author_name from kept
)
select id, set_id, version_number, patient_id, visit_id, kind, title, author_id, author_name, author_position,
       created_at, signed_at, size_bytes, sha256, signature_count
from kept;

-- name: find_document
-- A signed document without its bytes.
select id, set_id, version_number, patient_id, visit_id, kind, title, author_id, author_name, author_position,
       created_at, signed_at, size_bytes, sha256, signature_count
from registry.document
where organization_id = %(organization_id)s and id = %(id)s;

-- name: documents_of_patient
-- A patient's signed documents, the newest first.
select id, set_id, version_number, patient_id, visit_id, kind, title, author_id, author_name, author_position,
       created_at, signed_at, size_bytes, sha256, signature_count
from registry.document
where organization_id = %(organization_id)s and patient_id = %(patient_id)s
order by created_at desc, signed_at desc
limit 200;

-- name: documents_of_visit
-- The signed documents of a visit.
select id, set_id, version_number, patient_id, visit_id, kind, title, author_id, author_name, author_position,
       created_at, signed_at, size_bytes, sha256, signature_count
from registry.document
where organization_id = %(organization_id)s and visit_id = %(visit_id)s
order by created_at;

-- name: find_body
-- The exact signed bytes.
select content, sha256 from record.document_body
where organization_id = %(organization_id)s and document_id = %(document_id)s;

-- name: signatures_of_document
-- The signatures of a document with their containers, the doctor's first.
select id, role, signer_name, signer_snils, signer_ogrn, algorithm, certificate_serial, certificate_sha256,
       claimed_at, verified_at, crl_issued_at, crl_stale, content
from record.document_signature
where organization_id = %(organization_id)s and document_id = %(document_id)s
order by role, id;
