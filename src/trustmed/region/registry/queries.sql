-- name: documents_of_person
-- A page of a person's documents, newest first; each organisation's patient gives at most a page.
select d.organization_id, d.id, d.set_id, d.version_number, d.kind, d.title, d.author_name, d.author_position,
    d.created_at, d.signed_at, d.media_type, d.size_bytes, d.sha256, d.signature_count
from mpi.patient_link l
cross join lateral (
    select *
    from registry.document d
    where d.organization_id = l.organization_id and d.patient_id = l.patient_id
      and d.created_at <= %(before)s and (d.created_at, d.id) < (%(before)s, %(before_id)s)
      and d.created_at >= %(since)s
      and (%(kind)s::text is null or d.kind = %(kind)s)
    order by d.created_at desc, d.id desc
    limit %(limit)s
) d
where l.person_id = %(person_id)s
order by d.created_at desc, d.id desc
limit %(limit)s;

-- name: document_of_person
-- One document of the person by its id, in whichever organisation it was signed.
select d.organization_id, d.id, d.set_id, d.version_number, d.kind, d.title, d.author_name, d.author_position,
    d.created_at, d.signed_at, d.media_type, d.size_bytes, d.sha256, d.signature_count
from mpi.patient_link l
join registry.document d on d.organization_id = l.organization_id and d.patient_id = l.patient_id
where l.person_id = %(person_id)s and d.id = %(document_id)s;

-- name: newest
-- The newest registrations of the region: nothing of the patient.
select organization_id, id, kind, title, signed_at, size_bytes, sha256 from registry.newest(%(limit)s);

-- name: newest_of
-- The newest registrations of one organisation.
select organization_id, id, kind, title, signed_at, size_bytes, sha256
from registry.newest_of(%(organization_id)s, %(limit)s);

-- name: about_how_many
-- How many documents are registered, by statistics.
select registry.about_how_many();
