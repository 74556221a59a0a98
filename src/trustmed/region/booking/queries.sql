-- name: slot_time
-- When the slot begins and ends: the day of the rules is reckoned by the clock of this program.
select starts_at, ends_at from booking.slot where organization_id = %(organization_id)s and id = %(slot_id)s;

-- name: book
-- The booking, if everything holds this very moment; nothing otherwise, and nothing if another was there first. The
-- organisation is named for every table: one partition of each is opened.
with made as (
    insert into booking.region_booking (
        organization_id, request_id, slot_id, turn, resource_id, speciality_code, starts_at, ends_at,
        person_id, patient_id, surname, given_name, patronymic, birth_date, snils, phone,
        channel, booked_by, booked_by_name, allowed
    )
    select s.organization_id, %(request_id)s, s.id, h.turn, s.resource_id, r.speciality_code, s.starts_at, s.ends_at,
        %(person_id)s,
        (
            select l.patient_id from mpi.patient_link l
            where l.person_id = %(person_id)s and l.organization_id = %(organization_id)s
            order by l.linked_at desc, l.patient_id limit 1
        ),
        %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(snils)s, %(phone)s,
        %(channel)s, %(by)s, %(by_name)s, %(allowed)s
    from (
        select * from booking.slot s where s.organization_id = %(organization_id)s and s.id = %(slot_id)s limit 1
    ) s
    cross join lateral (
        select r.speciality_code from booking.resource r
        where r.organization_id = %(organization_id)s and r.id = s.resource_id limit 1
    ) r
    cross join lateral (
        select h.turn, h.sell_until from booking.handover h
        where h.organization_id = %(organization_id)s and h.slot_id = %(slot_id)s order by h.turn desc limit 1
    ) h
    where s.withdrawn_at is null and s.starts_at > clock_timestamp() and h.sell_until > clock_timestamp()
      and not exists (
          select from booking.handback b
          where b.organization_id = %(organization_id)s and b.slot_id = %(slot_id)s and b.turn = h.turn offset 0
      )
      and not exists (
          select from booking.recall c
          where c.organization_id = %(organization_id)s and c.slot_id = %(slot_id)s and c.turn = h.turn offset 0
      )
      and (%(allowed)s::text is not null or not booking.clashes(
          %(person_id)s, %(snils)s, %(phone)s, %(surname)s, %(given_name)s, %(birth_date)s,
          s.starts_at, s.ends_at, r.speciality_code, %(day_begins)s, %(day_ends)s
      ))
    on conflict do nothing
    returning *
)
select b.organization_id, b.id, 'region' as side, b.slot_id, b.resource_id, b.starts_at, b.ends_at, r.speciality, r.name,
    coalesce(s.room, r.room) as room, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
    b.ended_why
from made b
cross join lateral (
    select s.room from booking.slot s where s.organization_id = %(organization_id)s and s.id = b.slot_id limit 1
) s
cross join lateral (
    select r.speciality, r.name, r.room from booking.resource r
    where r.organization_id = %(organization_id)s and r.id = b.resource_id limit 1
) r;

-- name: booking_of_request
-- What was booked by this request, just now or before, if it is the asker's to see.
select b.organization_id, b.id, 'region' as side, b.slot_id, b.resource_id, b.starts_at, b.ends_at, r.speciality, r.name,
    coalesce(s.room, r.room) as room, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
    b.ended_why, b.person_id, b.snils, b.phone,
    lower(b.surname) = lower(%(surname)s) and lower(b.given_name) = lower(%(given_name)s)
        and b.birth_date = %(birth_date)s as same_name
from booking.region_booking b
join booking.slot s on s.organization_id = b.organization_id and s.id = b.slot_id
join booking.resource r on r.organization_id = b.organization_id and r.id = b.resource_id
where b.organization_id = %(organization_id)s and b.request_id = %(request_id)s;

-- name: why_not
-- Why the slot was not booked, in a word, and whether the request's id was used.
select booking.state_at_region(%(organization_id)s, %(slot_id)s) as state,
    booking.request_is_used(%(organization_id)s, %(request_id)s) as used;

-- name: in_the_way
-- The patient's bookings that stand in the way of this slot.
select o.name, o.speciality, o.starts_at, (o.starts_at < s.ends_at and o.ends_at > s.starts_at) as same_time
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
cross join booking.bookings_of(
    %(person_id)s, %(snils)s, %(phone)s, %(surname)s, %(given_name)s, %(birth_date)s,
    %(day_begins)s::timestamptz - interval '1 day', %(day_ends)s::timestamptz + interval '1 day'
) o
where s.organization_id = %(organization_id)s and s.id = %(slot_id)s and o.ended_at is null and (
    (o.starts_at < s.ends_at and o.ends_at > s.starts_at)
    or (o.speciality_code = r.speciality_code and o.starts_at >= %(day_begins)s and o.starts_at < %(day_ends)s)
)
order by same_time desc, o.starts_at limit 1;

-- name: bookings
-- The patient's bookings from a moment on.
select organization_id, id, side, slot_id, resource_id, starts_at, ends_at, speciality, name, room, channel,
    booked_by_name, booked_at, ended_at, ended_how, ended_by_name, ended_why
from booking.bookings_of(
    %(person_id)s, %(snils)s, %(phone)s, %(surname)s, %(given_name)s, %(birth_date)s, %(since)s, 'infinity'
);

-- name: booking_at_region
-- One booking the region made, as far as it is the asker's to see.
select b.slot_id, b.starts_at, b.ended_at, b.person_id, b.snils, b.phone,
    lower(b.surname) = lower(%(surname)s) and lower(b.given_name) = lower(%(given_name)s)
        and b.birth_date = %(birth_date)s as same_name
from booking.region_booking b
where b.organization_id = %(organization_id)s and b.id = %(booking_id)s;

-- name: booking_at_site
-- One booking a site made.
select ended_at from booking.site_booking where organization_id = %(organization_id)s and id = %(booking_id)s;

-- name: end
-- The region's booking is over.
update booking.region_booking set ended_at = clock_timestamp(), ended_how = %(how)s, ended_by_name = %(by_name)s,
    ended_why = %(why)s
where organization_id = %(organization_id)s and id = %(booking_id)s and ended_at is null
  and starts_at > clock_timestamp()
returning id;

-- name: moved_to
-- Where the booking went.
update booking.region_booking set moved_to = %(moved_to)s
where organization_id = %(organization_id)s and id = %(booking_id)s;

-- name: ask_site
-- The site is asked to end its booking, once.
insert into booking.region_request (organization_id, booking_id, ask, channel, by_name, why)
values (%(organization_id)s, %(booking_id)s, 'cancel', %(channel)s, %(by_name)s, %(why)s)
on conflict do nothing;

-- name: free
-- What the region can sell now, of one organisation, with whom and where.
select %(organization_id)s::integer as organization_id, f.slot_id, f.resource_id, r.kind, f.starts_at, f.ends_at, f.visit_kind, r.speciality_code, r.speciality, r.name,
    coalesce(f.room, r.room) as room, f.sell_until
from booking.free_at_region(%(organization_id)s, %(since)s, %(before)s) f
join booking.resource r on r.organization_id = %(organization_id)s and r.id = f.resource_id
order by f.starts_at, r.name, f.slot_id;

-- name: outline
-- The same with no more than is counted.
select f.slot_id, r.speciality_code, r.speciality, f.starts_at, f.sell_until
from booking.free_at_region(%(organization_id)s, %(since)s, %(before)s) f
join booking.resource r on r.organization_id = %(organization_id)s and r.id = f.resource_id
order by f.starts_at, r.name, f.slot_id;

-- name: set_quota
-- Which share of an organisation's slots of a kind the region gets.
insert into booking.quota (organization_id, visit_kind, speciality_code, percent, return_hours, set_by)
values (%(organization_id)s, %(visit_kind)s, %(speciality_code)s, %(percent)s, %(return_hours)s, %(set_by)s)
on conflict (organization_id, visit_kind, speciality_code) do update set percent = excluded.percent,
    return_hours = excluded.return_hours, set_by = excluded.set_by, set_at = clock_timestamp();

-- name: quotas
-- All the shares, or those of one organisation.
select organization_id, visit_kind, speciality_code, percent, return_hours, set_by, set_at from booking.quota
where %(organization_id)s::integer is null or organization_id = %(organization_id)s
order by organization_id, visit_kind, speciality_code;

-- name: slot_counts
-- Slots to come of these organisations by owner. What is on its way between the two is not known here.
select w.organization_id,
    count(*) filter (where not coalesce(t.ours, false)) as of_site,
    count(*) filter (where t.ours and not coalesce(r.booked, false)) as free,
    count(*) filter (where t.ours and r.booked) as booked
from unnest(%(organizations)s::integer[]) as w (organization_id)
cross join lateral (
    select s.organization_id, s.id from booking.slot s
    where s.organization_id = w.organization_id and s.starts_at > now() and s.withdrawn_at is null
) s
left join lateral (
    select not exists (
        select from booking.handback b
        where b.organization_id = h.organization_id and b.slot_id = h.slot_id and b.turn = h.turn
    ) as ours
    from booking.handover h
    where h.organization_id = s.organization_id and h.slot_id = s.id order by h.turn desc limit 1
) t on true
left join lateral (
    select true as booked from booking.region_booking r
    where r.organization_id = s.organization_id and r.slot_id = s.id and r.ended_at is null limit 1
) r on true
group by w.organization_id
order by w.organization_id;
