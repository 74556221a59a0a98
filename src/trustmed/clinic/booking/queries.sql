-- name: find_slot
-- A slot and the doctor or room it is with.
select s.organization_id, s.id, s.resource_id, s.starts_at, s.ends_at, s.visit_kind, r.speciality_code, r.speciality,
    r.name, coalesce(s.room, r.room) as room
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where s.organization_id = %(organization_id)s and s.id = %(slot_id)s;

-- name: store_booking
-- Book, if the site owns the slot, the slot is free and the patient has no other booking in the way. Everything is
-- checked now, under the locks. The three ways in which the region may know the patient are a union, so that each reads
-- an index of its own.
insert into booking.site_booking (
    organization_id, request_id, slot_id, resource_id, speciality_code, starts_at, ends_at, patient_id, channel,
    booked_by, booked_by_name, allowed
)
select %(organization_id)s, %(request_id)s, %(slot_id)s, %(resource_id)s, %(speciality_code)s, %(starts_at)s, %(ends_at)s,
    %(patient_id)s, %(channel)s, %(by)s, %(by_name)s, %(allowed)s
where exists (
    select from booking.slot s
    where s.organization_id = %(organization_id)s and s.id = %(slot_id)s and s.withdrawn_at is null
      and s.starts_at > clock_timestamp()
) and booking.is_of_site(%(organization_id)s, %(slot_id)s) and exists (
    select from mpi.patient p where p.organization_id = %(organization_id)s and p.id = %(patient_id)s
) and not exists (
    select from booking.site_booking o
    where o.organization_id = %(organization_id)s and o.slot_id = %(slot_id)s and o.ended_at is null
) and (%(allowed)s::text is not null or not (
    exists (
        select from booking.site_booking o
        where o.organization_id = %(organization_id)s and o.patient_id = %(patient_id)s and o.ended_at is null
          and o.id is distinct from %(instead_of)s::uuid
          and o.starts_at >= %(day_begins)s::timestamptz - interval '1 day' and o.starts_at < %(day_ends)s
          and (
              (o.starts_at < %(ends_at)s and o.ends_at > %(starts_at)s)
              or (o.speciality_code = %(speciality_code)s and o.starts_at >= %(day_begins)s)
          )
    ) or exists (
        select from (
            select * from booking.region_booking o
            where o.organization_id = %(organization_id)s and o.patient_id = %(patient_id)s
              and o.starts_at >= %(day_begins)s::timestamptz - interval '1 day' and o.starts_at < %(day_ends)s
            union all
            select * from booking.region_booking o
            where o.organization_id = %(organization_id)s
              and o.person_id = (
                  select l.person_id from mpi.patient_link l
                  where l.organization_id = %(organization_id)s and l.patient_id = %(patient_id)s
              )
              and o.starts_at >= %(day_begins)s::timestamptz - interval '1 day' and o.starts_at < %(day_ends)s
            union all
            select * from booking.region_booking o
            where o.organization_id = %(organization_id)s
              and o.snils = (
                  select p.snils from mpi.patient p
                  where p.organization_id = %(organization_id)s and p.id = %(patient_id)s
              )
              and o.starts_at >= %(day_begins)s::timestamptz - interval '1 day' and o.starts_at < %(day_ends)s
        ) o
        where o.ended_at is null
          and (
              (o.starts_at < %(ends_at)s and o.ends_at > %(starts_at)s)
              or (o.speciality_code = %(speciality_code)s and o.starts_at >= %(day_begins)s)
          )
    )
))
on conflict do nothing
returning id, booked_at;

-- name: find_requested
-- The booking this request made before, if any.
select b.id, b.slot_id, b.patient_id
from booking.site_booking b
where b.organization_id = %(organization_id)s and b.request_id = %(request_id)s;

-- name: why_not
-- Why a slot cannot be booked here, in one word; 'patient' if the slot is fine and the patient is the reason.
select case
    when s.withdrawn_at is not null then 'withdrawn'
    when s.starts_at <= clock_timestamp() then 'past'
    when not booking.is_of_site(s.organization_id, s.id) then 'of_region'
    when exists (
        select from booking.site_booking o
        where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null
    ) then 'taken'
    else 'patient'
end
from booking.slot s
where s.organization_id = %(organization_id)s and s.id = %(slot_id)s;

-- name: in_the_way
-- The patient's booking that stands in the way of a slot: first one at the same time, then one with the same speciality
-- on the same day.
select o.starts_at, r.speciality, r.name, o.starts_at < %(ends_at)s and o.ends_at > %(starts_at)s as same_time
from (
    select b.resource_id, b.starts_at, b.ends_at, b.speciality_code
    from booking.site_booking b
    where b.organization_id = %(organization_id)s and b.patient_id = %(patient_id)s and b.ended_at is null
    union all
    select b.resource_id, b.starts_at, b.ends_at, b.speciality_code
    from mpi.patient p
    left join mpi.patient_link l on l.organization_id = p.organization_id and l.patient_id = p.id
    join booking.region_booking b on b.organization_id = p.organization_id
        and (b.patient_id = p.id or b.person_id = l.person_id or b.snils = p.snils)
    where p.organization_id = %(organization_id)s and p.id = %(patient_id)s and b.ended_at is null
      and b.starts_at >= %(day_begins)s and b.starts_at < %(day_ends)s
) o
join booking.resource r on r.organization_id = %(organization_id)s and r.id = o.resource_id
where (o.starts_at < %(ends_at)s and o.ends_at > %(starts_at)s)
   or (o.speciality_code = %(speciality_code)s and o.starts_at >= %(day_begins)s and o.starts_at < %(day_ends)s)
order by same_time desc, o.starts_at
limit 1;

-- name: bookings_of_patient
-- Ids of the patient's bookings, made by either side.
select b.id
from booking.site_booking b
where b.organization_id = %(organization_id)s and b.patient_id = %(patient_id)s
union
select b.id
from booking.region_booking b
where b.organization_id = %(organization_id)s and b.patient_id = %(patient_id)s
union
select b.id
from mpi.patient_link l
join booking.region_booking b on b.person_id = l.person_id and b.organization_id = l.organization_id
where l.organization_id = %(organization_id)s and l.patient_id = %(patient_id)s
union
select a.booking_id
from booking.attendance a
where a.organization_id = %(organization_id)s and a.patient_id = %(patient_id)s and a.outcome = 'known_as';

-- name: bookings
-- The organisation's bookings with these ids, made by either side; a person the region booked comes with the card they
-- have here.
with wanted as (
    select b.organization_id, b.id, 'site' as side, b.slot_id, b.resource_id, b.starts_at, b.ends_at, b.channel,
        b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name, b.ended_why, b.patient_id,
        p.surname, p.given_name, p.patronymic, p.birth_date, p.snils, p.phone, b.allowed
    from booking.site_booking b
    cross join lateral (
        select * from mpi.patient p where p.organization_id = b.organization_id and p.id = b.patient_id limit 1
    ) p
    where b.organization_id = %(organization_id)s and b.id = any(%(ids)s::uuid[])
    union all
    select b.organization_id, b.id, 'region', b.slot_id, b.resource_id, b.starts_at, b.ends_at, b.channel,
        b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name, b.ended_why,
        coalesce(k.patient_id, b.patient_id, l.patient_id), b.surname, b.given_name, b.patronymic, b.birth_date,
        b.snils, b.phone, b.allowed
    from booking.region_booking b
    left join lateral (
        select a.patient_id from booking.attendance a
        where a.organization_id = b.organization_id and a.booking_id = b.id and a.outcome = 'known_as'
        order by a.id desc limit 1
    ) k on true
    left join lateral (
        select l.patient_id from mpi.patient_link l
        where l.person_id = b.person_id and l.organization_id = b.organization_id
        order by l.linked_at limit 1
    ) l on true
    where b.organization_id = %(organization_id)s and b.id = any(%(ids)s::uuid[])
)
select w.organization_id, w.id, w.side, w.slot_id, w.resource_id, w.starts_at, w.ends_at, r.speciality, r.name,
    coalesce(s.room, r.room) as room, w.channel, w.booked_by_name, w.booked_at, w.ended_at, w.ended_how,
    w.ended_by_name, w.ended_why, w.patient_id, w.surname, w.given_name, w.patronymic, w.birth_date, w.snils, w.phone,
    w.allowed, s.withdrawn_at is not null as withdrawn,
    (
        select a.outcome from booking.attendance a
        where a.organization_id = w.organization_id and a.booking_id = w.id and a.outcome in ('came', 'no_show')
        order by a.id desc limit 1
    ) as attendance,
    exists (
        select from booking.site_request q where q.organization_id = w.organization_id and q.booking_id = w.id
    ) or exists (
        select from booking.region_request q where q.organization_id = w.organization_id and q.booking_id = w.id
    ) as cancel_asked
from wanted w
join booking.resource r on r.organization_id = w.organization_id and r.id = w.resource_id
cross join lateral (
    select s.room, s.withdrawn_at from booking.slot s
    where s.organization_id = w.organization_id and s.id = w.slot_id limit 1
) s
order by w.starts_at desc, w.id
limit 200;

-- name: end_booking
-- End a booking the site made.
update booking.site_booking
set ended_at = clock_timestamp(), ended_how = %(how)s, ended_by_name = %(by_name)s, ended_why = %(why)s,
    moved_to = %(moved_to)s
where organization_id = %(organization_id)s and id = %(id)s and ended_at is null
returning slot_id;

-- name: ask_region_to_cancel
-- Ask the region to end its booking; asking again adds nothing.
insert into booking.site_request (organization_id, booking_id, ask, by_name, why)
select b.organization_id, b.id, 'cancel', %(by_name)s, %(why)s
from booking.region_booking b
where b.organization_id = %(organization_id)s and b.id = %(id)s and b.ended_at is null and not exists (
    select from booking.site_request q where q.organization_id = b.organization_id and q.booking_id = b.id
);

-- name: note_attendance
-- Note whether the patient came, or which card is theirs.
insert into booking.attendance (organization_id, booking_id, outcome, patient_id, by_name)
values (%(organization_id)s, %(booking_id)s, %(outcome)s, %(patient_id)s, %(by_name)s);

-- name: cells_of_day
-- Every slot of a day for the schedule: which side owns it and who is booked.
select s.organization_id, s.id, s.resource_id, s.starts_at, s.ends_at, s.visit_kind, r.speciality_code, r.speciality,
    r.name, coalesce(s.room, r.room) as room,
    s.withdrawn_at is not null as withdrawn,
    h.turn is not null and b.turn is null as handed,
    h.sell_until,
    o.id as own_id, o.patient_id, p.surname, p.given_name, p.patronymic,
    g.id as region_id, g.surname as region_surname, g.given_name as region_given_name,
    g.patronymic as region_patronymic,
    (
        select a.outcome from booking.attendance a
        where a.organization_id = s.organization_id and a.booking_id = coalesce(o.id, g.id)
          and a.outcome in ('came', 'no_show')
        order by a.id desc limit 1
    ) as attendance
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
left join lateral (
    select h.turn, h.sell_until from booking.handover h
    where h.organization_id = s.organization_id and h.slot_id = s.id
    order by h.turn desc limit 1
) h on true
left join lateral (
    select b.turn from booking.handback b
    where b.organization_id = s.organization_id and b.slot_id = s.id and b.turn = h.turn limit 1
) b on true
left join lateral (
    select o.id, o.patient_id from booking.site_booking o
    where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null limit 1
) o on true
left join lateral (
    select p.surname, p.given_name, p.patronymic from mpi.patient p
    where p.organization_id = s.organization_id and p.id = o.patient_id limit 1
) p on true
left join lateral (
    select g.id, g.surname, g.given_name, g.patronymic from booking.region_booking g
    where g.organization_id = s.organization_id and g.slot_id = s.id and g.ended_at is null limit 1
) g on true
where s.organization_id = %(organization_id)s and s.starts_at >= %(begins)s and s.starts_at < %(ends)s
  and (%(speciality_code)s::text is null or r.speciality_code = %(speciality_code)s)
  and (%(resource_id)s::uuid is null or s.resource_id = %(resource_id)s)
order by r.speciality, r.name, s.resource_id, s.starts_at, s.withdrawn_at nulls first;

-- name: free_slots
-- Free slots the site may book, the nearest first.
select s.organization_id, s.id, s.resource_id, s.starts_at, s.ends_at, s.visit_kind, r.speciality_code, r.speciality,
    r.name, coalesce(s.room, r.room) as room
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where s.organization_id = %(organization_id)s
  and s.starts_at >= greatest(%(since)s, clock_timestamp()) and s.starts_at < %(until)s and s.withdrawn_at is null
  and (%(speciality_code)s::text is null or r.speciality_code = %(speciality_code)s)
  and (%(resource_id)s::uuid is null or s.resource_id = %(resource_id)s)
  and booking.is_of_site(s.organization_id, s.id)
  and (
      select o.id from booking.site_booking o
      where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null limit 1
  ) is null
order by s.starts_at, r.name
limit %(limit)s;

-- name: tasks
-- The registrar's tasks, the nearest visit first.
select *
from (
    select c.kind, c.id, c.booking_id, c.other_name as detail, c.other_starts_at, c.found_at as since, b.starts_at
    from booking.conflict c
    cross join lateral (
        (
            select o.starts_at from booking.site_booking o
            where o.organization_id = c.organization_id and o.id = c.booking_id and o.ended_at is null limit 1
        )
        union all
        (
            select g.starts_at from booking.region_booking g
            where g.organization_id = c.organization_id and g.id = c.booking_id and g.ended_at is null limit 1
        )
    ) b
    where c.organization_id = %(organization_id)s and c.kind <> 'withdrawn' and b.starts_at > clock_timestamp()
      and not exists (
          select from booking.settlement t where t.organization_id = c.organization_id and t.conflict_id = c.id
      )
      and (
          select o.ended_at from booking.site_booking o
          where o.organization_id = c.other_organization_id and o.id = c.other_booking_id limit 1
      ) is null
      and (
          select o.ended_at from booking.region_booking o
          where o.organization_id = c.other_organization_id and o.id = c.other_booking_id limit 1
      ) is null
    union all
    select 'withdrawn', b.id, b.id, coalesce(s.withdrawn_why, ''), null, s.withdrawn_at, s.starts_at
    from booking.slot s
    cross join lateral (
        (
            select o.id from booking.site_booking o
            where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null limit 1
        )
        union all
        (
            select g.id from booking.region_booking g
            where g.organization_id = s.organization_id and g.slot_id = s.id and g.ended_at is null
              and not exists (
                  select from booking.site_request q
                  where q.organization_id = g.organization_id and q.booking_id = g.id
              )
            limit 1
        )
    ) b
    where s.organization_id = %(organization_id)s and s.withdrawn_at is not null and s.starts_at > statement_timestamp()
    union all
    select 'no_card', g.id, g.id, concat_ws(' ', g.surname, g.given_name, g.patronymic), null, g.booked_at, g.starts_at
    from booking.region_booking g
    where g.organization_id = %(organization_id)s and g.ended_at is null and g.patient_id is null
      and g.starts_at > statement_timestamp()
      and (
          select l.patient_id from mpi.patient_link l
          where l.person_id = g.person_id and l.organization_id = g.organization_id limit 1
      ) is null
      and not exists (
          select from booking.attendance a
          where a.organization_id = g.organization_id and a.booking_id = g.id and a.outcome = 'known_as'
      )
) waiting
order by starts_at, since
limit 500;

-- name: settle_conflict
-- Record what the registrar did about a conflict.
insert into booking.settlement (organization_id, conflict_id, how, by_name)
select c.organization_id, c.id, %(how)s, %(by_name)s
from booking.conflict c
where c.organization_id = %(organization_id)s and c.id = %(conflict_id)s
on conflict do nothing
returning id;

-- name: cancel_requests
-- The site's bookings that the region asks to end, and who asks.
select q.organization_id, b.id, b.slot_id, b.patient_id, q.by_name, q.why
from booking.region_request q
cross join lateral (
    select b.id, b.slot_id, b.patient_id, b.ended_at from booking.site_booking b
    where b.organization_id = q.organization_id and b.id = q.booking_id limit 1
) b
where q.organization_id = %(organization_id)s and q.id > %(after)s and b.ended_at is null
order by q.id
limit 100;

-- name: find_settlement
-- Whether a conflict is settled.
select t.id from booking.settlement t
where t.organization_id = %(organization_id)s and t.conflict_id = %(conflict_id)s;
