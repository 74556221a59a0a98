-- name: find_verdict
-- The verdict of the rules on these bytes.
select sha256, kind, pack_digest, passed, rules_checked, findings
from clinic.verdict
where organization_id = %(organization_id)s and sha256 = %(sha256)s;

-- name: store_verdict
-- Store a verdict; that of a newer pack replaces an older one.
insert into clinic.verdict (organization_id, sha256, kind, pack_digest, passed, rules_checked, findings)
values (%(organization_id)s, %(sha256)s, %(kind)s, %(pack_digest)s, %(passed)s, %(rules_checked)s, %(findings)s)
on conflict (organization_id, sha256) do update
set pack_digest = excluded.pack_digest, passed = excluded.passed, rules_checked = excluded.rules_checked,
    findings = excluded.findings, checked_at = clock_timestamp();
