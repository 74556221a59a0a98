-- name: requested
-- Bookings of the region's in these slots that their sites ask to end, and in whose name. Each slot is looked up by itself:
-- joined as sets, a plan made while the tables were small reads all bookings for each slot.
select r.organization_id, r.id as booking_id, q.by_name, q.why
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, slot_id)
cross join lateral (
    select r.organization_id, r.id from booking.region_booking r
    where r.organization_id = w.organization_id and r.slot_id = w.slot_id and r.ended_at is null limit 1
) r
cross join lateral (
    select q.by_name, q.why from booking.site_request q
    where q.organization_id = r.organization_id and q.booking_id = r.id and q.ask = 'cancel'
    order by q.at limit 1
) q;

-- name: end_requested
-- One of them, ended in the name of who asked.
update booking.region_booking set ended_at = clock_timestamp(), ended_how = 'cancelled', ended_by_name = %(by_name)s,
    ended_why = %(why)s
where organization_id = %(organization_id)s and id = %(booking_id)s and ended_at is null;

-- name: hand_back
-- Turns that are over, recalled or past their deadline, and in which nobody is booked.
insert into booking.handback (organization_id, slot_id, turn, why)
select w.organization_id, w.slot_id, h.turn, case when c.turn is not null then 'recall' else 'deadline' end
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, slot_id)
cross join lateral (
    select h.turn, h.sell_until from booking.handover h
    where h.organization_id = w.organization_id and h.slot_id = w.slot_id order by h.turn desc limit 1
) h
left join lateral (
    select c.turn from booking.recall c
    where c.organization_id = w.organization_id and c.slot_id = w.slot_id and c.turn = h.turn limit 1
) c on true
left join lateral (
    select r.id from booking.region_booking r
    where r.organization_id = w.organization_id and r.slot_id = w.slot_id and r.ended_at is null limit 1
) r on true
where r.id is null and (c.turn is not null or h.sell_until <= clock_timestamp())
on conflict do nothing;

-- name: tell_of_withdrawn
-- Whoever is booked by the region to a time that the site has withdrawn: a task of the site's registrar.
insert into booking.conflict (
    organization_id, kind, booking_id, other_organization_id, other_booking_id, other_name, other_starts_at
)
select r.organization_id, 'withdrawn', r.id, r.organization_id, r.id, concat_ws(', ', d.speciality, d.name), r.starts_at
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, slot_id)
cross join lateral (
    select r.organization_id, r.id, r.starts_at from booking.region_booking r
    where r.organization_id = w.organization_id and r.slot_id = w.slot_id and r.ended_at is null
      and r.starts_at > clock_timestamp() limit 1
) r
cross join lateral (
    select s.resource_id, s.withdrawn_at from booking.slot s
    where s.organization_id = w.organization_id and s.id = w.slot_id limit 1
) s
join booking.resource d on d.organization_id = w.organization_id and d.id = s.resource_id
where s.withdrawn_at is not null
on conflict do nothing;

-- name: slots_of_requests
-- Which slots these asked-about bookings hold.
select distinct b.organization_id, b.slot_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, booking_id)
cross join lateral (
    select b.organization_id, b.slot_id from booking.region_booking b
    where b.organization_id = w.organization_id and b.id = w.booking_id limit 1
) b;

-- name: slots_to_settle
-- After changes were lost: every word of a site that may not have been carried out.
select c.organization_id, c.slot_id from booking.recall c
where not exists (
    select from booking.handback b
    where b.organization_id = c.organization_id and b.slot_id = c.slot_id and b.turn = c.turn
)
union
select b.organization_id, b.slot_id from booking.site_request q
join booking.region_booking b on b.organization_id = q.organization_id and b.id = q.booking_id and b.ended_at is null
union
select b.organization_id, b.slot_id from booking.region_booking b
join booking.slot s on s.organization_id = b.organization_id and s.id = b.slot_id
where b.ended_at is null and b.starts_at > clock_timestamp() and s.withdrawn_at is not null;

-- name: clock
-- The region's clock, and until when turns were looked at. A turn of a time to come ends within 31 days before it.
select clock_timestamp() as now, greatest(swept_until, clock_timestamp() - interval '31 days') as swept_until
from booking.sweep;

-- name: sold_until
-- Turns whose deadline passed between two moments, a page.
select organization_id, slot_id, sell_until, id from booking.handover
where (sell_until, id) > (%(after)s, %(after_id)s) and sell_until <= %(until)s
order by sell_until, id limit %(limit)s;

-- name: swept
-- Where the next look begins.
update booking.sweep set swept_until = %(until)s;

-- name: slot_days
-- When these slots are.
select w.organization_id, s.starts_at
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, slot_id)
cross join lateral (
    select s.starts_at from booking.slot s where s.organization_id = w.organization_id and s.id = w.slot_id limit 1
) s;

-- name: people_of_patients
-- The persons these patients stand for, as far as the links have come.
select distinct l.person_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, patient_id)
cross join lateral (
    select l.person_id from mpi.patient_link l
    where l.organization_id = w.organization_id and l.patient_id = w.patient_id limit 1
) l;

-- name: people_expected
-- After changes were lost: everybody with a booking to come.
select distinct l.person_id
from booking.site_booking b
join mpi.patient_link l on l.organization_id = b.organization_id and l.patient_id = b.patient_id
where b.ended_at is null and b.starts_at > clock_timestamp()
union
select distinct coalesce(l.person_id, b.person_id)
from booking.region_booking b
left join mpi.patient_link l on l.organization_id = b.organization_id and l.patient_id = b.patient_id
where b.ended_at is null and b.starts_at > clock_timestamp() and coalesce(l.person_id, b.person_id) is not null;

-- name: expected_of
-- Bookings to come of these persons, of both sides. A card's link says whose a booking is; without a card, the booking.
-- One branch for each way to find them, so that each reads its own index and stops at its limit.
with of_persons as (
    select w.person_id, l.organization_id, l.patient_id
    from unnest(%(persons)s::uuid[]) as w (person_id)
    cross join lateral (select * from mpi.patient_link l where l.person_id = w.person_id limit 200) l
), found as (
    select p.person_id, b.organization_id, b.id, b.resource_id, b.speciality_code, b.starts_at, b.ends_at,
        b.allowed, b.booked_at
    from of_persons p
    cross join lateral (
        select * from booking.site_booking b
        where b.organization_id = p.organization_id and b.patient_id = p.patient_id
          and b.starts_at > now() and b.ended_at is null
        limit 200
    ) b
    union
    select p.person_id, b.organization_id, b.id, b.resource_id, b.speciality_code, b.starts_at, b.ends_at,
        b.allowed, b.booked_at
    from of_persons p
    cross join lateral (
        select * from booking.region_booking b
        where b.organization_id = p.organization_id and b.patient_id = p.patient_id
          and b.starts_at > now() and b.ended_at is null
        limit 200
    ) b
    union
    select w.person_id, b.organization_id, b.id, b.resource_id, b.speciality_code, b.starts_at, b.ends_at,
        b.allowed, b.booked_at
    from unnest(%(persons)s::uuid[]) as w (person_id)
    cross join lateral (
        select * from booking.region_booking b
        where b.person_id = w.person_id and b.starts_at > now() and b.ended_at is null
        limit 200
    ) b
    left join lateral (
        select l.person_id from mpi.patient_link l
        where l.organization_id = b.organization_id and l.patient_id = b.patient_id limit 1
    ) l on true
    where l.person_id is null
)
select f.person_id, f.organization_id, f.id, f.starts_at, f.ends_at, f.speciality_code, d.speciality, d.name,
    f.allowed is not null as allowed, f.booked_at
from found f
join booking.resource d on d.organization_id = f.organization_id and d.id = f.resource_id
order by f.person_id, f.booked_at, f.id;

-- name: tell_of_conflict
-- Once each.
insert into booking.conflict (
    organization_id, kind, booking_id, other_organization_id, other_booking_id, other_name, other_starts_at
) values (
    %(organization_id)s, %(kind)s, %(booking_id)s, %(other_organization_id)s, %(other_booking_id)s, %(other_name)s,
    %(other_starts_at)s
) on conflict do nothing;
