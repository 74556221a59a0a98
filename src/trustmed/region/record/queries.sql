-- name: body
-- The exact signed bytes of a document.
select b.sha256, b.content
from record.document_body b
where b.organization_id = %(organization_id)s and b.document_id = %(document_id)s;

-- name: signatures
-- The signatures of a document, the doctor's first, in the order they were checked.
select s.id, s.role, s.signer_name, s.signer_ogrn, s.algorithm, s.certificate_serial, s.certificate_sha256,
    s.claimed_at, s.verified_at, s.crl_issued_at, s.crl_stale, s.content
from record.document_signature s
where s.organization_id = %(organization_id)s and s.document_id = %(document_id)s
order by s.role, s.verified_at, s.id;
