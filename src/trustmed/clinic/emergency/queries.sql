-- name: accesses
-- Emergency accesses before a given place, the newest first: events of the organisation's own staff, and the region's
-- notices about its patients.
select g.kind, g.id, g.at, g.reader_name, g.reader_position, g.reader_organization, g.reason, g.action, g.patient_id,
       s.seen_at, s.seen_by_name
from (
    (
        select 'own' as kind, a.id, a.at, a.actor_name as reader_name, null as reader_position,
               a.organization_id as reader_organization, a.ground_detail as reason, a.action, a.patient_id
        from audit.access a
        where a.organization_id = %(organization_id)s and a.ground = 'break_glass' and a.outcome = 'granted'
          and a.at <= %(before)s and (a.at, a.id) < (%(before)s, %(before_id)s)
        order by a.at desc, a.id desc
        limit %(limit)s
    )
    union all
    (
        select 'notice', b.id, b.at, b.reader_name, b.reader_position, b.reader_organization, b.reason, null, b.patient_id
        from mpi.break_glass b
        where b.organization_id = %(organization_id)s
          and b.at <= %(before)s and (b.at, b.id) < (%(before)s, %(before_id)s)
        order by b.at desc, b.id desc
        limit %(limit)s
    )
) g
left join clinic.glass_seen s on s.organization_id = %(organization_id)s and s.id = g.id
order by g.at desc, g.id desc
limit %(limit)s;

-- name: count_unseen
-- How many of them the head has not reviewed. There are few rows, and each kind of event has an index of its own.
select count(*)
from (
    select a.id from audit.access a
    where a.organization_id = %(organization_id)s and a.ground = 'break_glass' and a.outcome = 'granted'
    union all
    select b.id from mpi.break_glass b where b.organization_id = %(organization_id)s
) g
where not exists (
    select from clinic.glass_seen s where s.organization_id = %(organization_id)s and s.id = g.id
);

-- name: mark_seen
-- Mark these as reviewed; an id that is no emergency access of this organisation is ignored.
insert into clinic.glass_seen (organization_id, id, seen_by, seen_by_name)
select %(organization_id)s, g.id, %(actor)s, %(actor_name)s
from (
    select a.id from audit.access a
    where a.organization_id = %(organization_id)s and a.id = any(%(ids)s::uuid[])
      and a.ground = 'break_glass' and a.outcome = 'granted'
    union
    select b.id from mpi.break_glass b where b.organization_id = %(organization_id)s and b.id = any(%(ids)s::uuid[])
) g
on conflict (organization_id, id) do nothing;
