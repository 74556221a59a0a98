-- name: lock_issuing
-- Let one transaction at a time issue certificates.
select pg_advisory_xact_lock(hashtextextended('trustmed authority', 0));

-- name: lock_key
-- Let one transaction at a time certify a key.
select pg_advisory_xact_lock(hashtextextended('trustmed authority ' || encode(%(key_sha256)s, 'hex'), 0));

-- name: lock_code
-- A code by its public half, held until the end of the transaction: two who use it wait for each other.
select verifier, kind, name, organizations, uses, days, hosts, made_by, expires_at, used_at, serial
from authority.code where verifier = %(verifier)s for update;

-- name: certificate_of_key
-- The certificate of a key.
select serial, kind, name, organizations, not_before, not_after, content, issued_at, way, issued_by, renews
from authority.certificate where key_sha256 = %(key_sha256)s;

-- name: certificate
-- A certificate by its number.
select serial, kind, name, organizations, not_before, not_after, content, issued_at, way, issued_by, renews
from authority.certificate where serial = %(serial)s;

-- name: add_certificate
-- Record a certificate that was signed.
insert into authority.certificate
    (serial, kind, name, organizations, not_before, not_after, key_sha256, content, way, issued_by, renews)
values (%(serial)s, %(kind)s, %(name)s, %(organizations)s, %(not_before)s, %(not_after)s, %(key_sha256)s, %(content)s,
    %(way)s, %(issued_by)s, %(renews)s)
on conflict do nothing;

-- name: use_code
-- Use a code up.
update authority.code set used_at = clock_timestamp(), serial = %(serial)s
where verifier = %(verifier)s and used_at is null;

-- name: add_code
-- Record a code.
insert into authority.code (verifier, kind, name, organizations, uses, days, hosts, made_by, expires_at)
values (%(verifier)s, %(kind)s, %(name)s, %(organizations)s, %(uses)s, %(days)s, %(hosts)s,
    %(made_by)s, clock_timestamp() + make_interval(hours => %(hours)s))
returning expires_at;

-- name: add_revocation
-- Record a revocation; one that is recorded already stays as it is.
insert into authority.revocation (serial, at, reason, revoked_by)
values (%(serial)s, %(at)s, %(reason)s, %(by)s)
on conflict (serial) do nothing
returning serial;

-- name: known_serials
-- Which of these certificates and revocations are recorded.
select s.serial, c.serial is not null as certificate_known, r.serial is not null as revocation_known
from unnest(%(serials)s::text[]) as s(serial)
left join authority.certificate c on c.serial = s.serial
left join authority.revocation r on r.serial = s.serial;

-- name: revoked
-- Every revoked certificate; one that is over needs no place on the list.
select r.serial, r.at from authority.revocation r
left join authority.certificate c on c.serial = r.serial
where c.not_after is null or c.not_after > clock_timestamp() - interval '1 day'
order by r.at;

-- name: issued
-- Everything issued that is not over for long, by bearer, the newest first.
select c.serial, c.kind, c.name, c.organizations, c.not_before, c.not_after, c.issued_at, c.way, c.issued_by, c.renews,
    r.at as revoked_at, r.reason as revoked_for
from authority.certificate c
left join authority.revocation r on r.serial = c.serial
where c.not_after > clock_timestamp() - make_interval(days => %(days)s)
order by c.kind, c.name, c.not_after desc, c.serial;

-- name: ends
-- The last end of every bearer's certificates that are in force.
select distinct on (c.kind, c.name) c.kind, c.name, c.serial, c.not_after
from authority.certificate c
left join authority.revocation r on r.serial = c.serial
where r.serial is null and c.not_after > clock_timestamp() - interval '90 days'
order by c.kind, c.name, c.not_after desc;

-- name: content_of_bearer
-- The newest certificate in force of a bearer.
select c.content from authority.certificate c
left join authority.revocation r on r.serial = c.serial
where c.kind = %(kind)s and c.name = %(name)s and r.serial is null
  and clock_timestamp() between c.not_before and c.not_after
order by c.not_after desc limit 1;

-- name: note
-- The audit row of an act of the authority.
insert into audit.access (actor, actor_name, channel, action, ground, ground_detail, outcome)
values (%(actor)s, %(actor_name)s, 'region', %(action)s, 'service', %(detail)s, %(outcome)s);
