-- name: own_looks
-- Accesses through the region to the person's rows in this database, except this very one. Looking at this list leaves
-- an access in every database that is asked; only one of them (`lists`) shows it.
select a.id, a.at, a.actor_name, null as actor_position, a.organization_id, a.channel, a.action, a.ground,
       a.ground_detail as detail, a.document_id
from audit.access a
where a.person_id = %(person_id)s and a.outcome = 'granted'
  and a.at <= %(before)s and (a.at, a.id) < (%(before)s, %(before_id)s) and a.at >= %(since)s
  and a.id is distinct from nullif(current_setting('trustmed.access_id', true), '')::uuid
  and (a.ground = 'break_glass' or not %(glass_only)s)
  and (%(lists)s or a.ground <> 'own' or a.action not in ('audit:trail:read', 'consent:list:read'))
order by a.at desc, a.id desc
limit %(limit)s;

-- name: site_looks
-- What the staff of the person's clinics read and changed, as far as it has arrived from their sites.
select r.id, r.at, r.actor_name, r.actor_position, r.organization_id, 'site' as channel, r.action, r.ground,
       r.ground_detail as detail, r.document_id
from mpi.patient_link l
cross join lateral (
    select *
    from audit.reading r
    where r.organization_id = l.organization_id and r.patient_id = l.patient_id
      and r.at <= %(before)s and (r.at, r.id) < (%(before)s, %(before_id)s) and r.at >= %(since)s
      and (r.ground = 'break_glass' or not %(glass_only)s)
    order by r.at desc, r.id desc
    limit %(limit)s
) r
where l.person_id = %(person_id)s
order by r.at desc, r.id desc
limit %(limit)s;

-- name: consents
-- The person's consents on a shard, the newest first.
select c.organization_id, c.id, c.given_at, c.valid_until, c.revoked_at,
       c.revoked_at is null and (c.valid_until is null or c.valid_until >= current_date) as in_force
from mpi.patient_link l
join record.consent c on c.organization_id = l.organization_id and c.patient_id = l.patient_id
where l.person_id = %(person_id)s
order by c.given_at desc, c.id desc
limit 500;

-- name: make_view
-- Make a one-time address; returns until when it may be opened.
select access.make_view(%(person_id)s, %(token)s, %(client)s, %(client_name)s, %(page)s, %(language)s, %(detail)s);

-- name: open_view
-- Open the address, once.
select person_id, client, client_name, page, language, until from access.open_view(%(token)s, %(session)s);

-- name: view_of_session
-- The view a session was opened for, while it lasts.
select person_id, client, client_name, page, language, until, access.detail_of_session(%(session)s) as detail
from access.view_of_session(%(session)s);
