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

-- name: new_visits
-- Readings by new visits, the newest first, with the doctor's visit of that day and who has confirmed one since.
select n.id, n.patient_id, concat_ws(' ', p.surname, p.given_name, p.patronymic) as patient_name, n.reader_name,
    n.first_at, n.last_at, n.times, v.id as visit_id, c.confirmed_by_name, n.seen_at, n.seen_by_name
from clinic.new_visit n
join mpi.patient p on p.organization_id = n.organization_id and p.id = n.patient_id
left join lateral (
    select v.id from record.visit v
    where v.organization_id = n.organization_id and v.patient_id = n.patient_id and v.confirmed_at is null
      and v.started_at between n.first_at - interval '1 day' and n.last_at
    order by v.started_at desc limit 1
) v on true
left join lateral (
    select v.confirmed_by_name from record.visit v
    where v.organization_id = n.organization_id and v.patient_id = n.patient_id and v.confirmed_at is not null
      and v.started_at between n.first_at - interval '1 day' and n.last_at
    order by v.started_at desc limit 1
) c on true
where n.organization_id = %(organization_id)s and n.first_at > now() - make_interval(days => %(days)s)
order by n.first_at desc, n.id desc
limit %(limit)s;

-- name: count_unseen_new_visits
-- How many readings by new visits nobody has marked as seen.
select count(*) from clinic.new_visit n where n.organization_id = %(organization_id)s and n.seen_at is null;

-- name: mark_new_visits_seen
-- Mark these readings as seen, once.
update clinic.new_visit
set seen_at = clock_timestamp(), seen_by = %(actor)s, seen_by_name = %(actor_name)s
where organization_id = %(organization_id)s and id = any(%(ids)s::uuid[]) and seen_at is null;
