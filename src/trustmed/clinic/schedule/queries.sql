-- name: resources
-- Doctors and rooms that can be booked, by speciality and name; those off the schedule come last.
select id, kind, employee_id, name, speciality_code, speciality, room, disabled_at
from booking.resource
where organization_id = %(organization_id)s
order by disabled_at is not null, trustmed.sort_key(speciality), trustmed.sort_key(name), id;

-- name: find_resource
-- One doctor or room.
select id, kind, employee_id, name, speciality_code, speciality, room, disabled_at
from booking.resource
where organization_id = %(organization_id)s and id = %(id)s;

-- name: add_resource
-- Put a doctor or a room on the schedule.
insert into booking.resource (organization_id, kind, employee_id, name, speciality_code, speciality, room)
values (%(organization_id)s, %(kind)s, %(employee_id)s, %(name)s, %(speciality_code)s, %(speciality)s, %(room)s)
returning id;

-- name: change_resource
-- Change the room, take the resource off the schedule or put it back.
update booking.resource
set room = %(room)s, disabled_at = case when %(is_off)s then coalesce(disabled_at, clock_timestamp()) end
where organization_id = %(organization_id)s and id = %(id)s
returning id;

-- name: candidates
-- Employees who are not on the schedule yet, those with a doctor's account first; posts are named by dictionary 1002.
select e.id, concat_ws(' ', e.surname, e.given_name, e.patronymic) as name, e.position_code as speciality_code,
       coalesce(p.name, e.position_code) as speciality
from access.employee e
left join nsi.dictionary d on d.oid = %(posts)s
left join nsi.entry p on p.oid = d.oid and p.version = d.current_version and p.code = e.position_code
where e.organization_id = %(organization_id)s
  and not exists (
      select from booking.resource r where r.organization_id = e.organization_id and r.employee_id = e.id
  )
order by not exists (
    select from access.account a
    where a.organization_id = e.organization_id and a.employee_id = e.id and a.role = 'doctor'
), trustmed.sort_key(e.surname), trustmed.sort_key(e.given_name), e.id
limit 1000;

-- name: specialities
-- Posts by which a room may be booked: the version of dictionary 1002 in force.
select e.code, e.name
from nsi.dictionary d
join nsi.entry e on e.oid = d.oid and e.version = d.current_version
where d.oid = %(posts)s
order by trustmed.sort_key(e.name)
limit 2000;

-- name: hours
-- Weekly hours of every resource on the schedule, with the resource they belong to.
select s.id, s.resource_id, r.kind, r.employee_id, r.name, s.weekday, s.starts, s.ends, s.minutes, s.visit_kind,
       coalesce(s.room, r.room) as room, s.valid_from, s.valid_to
from booking.schedule s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where s.organization_id = %(organization_id)s and r.disabled_at is null
order by s.resource_id, s.weekday, s.starts, s.valid_from, s.id;

-- name: hours_of
-- Weekly hours of one resource.
select s.id, s.resource_id, r.kind, r.employee_id, r.name, s.weekday, s.starts, s.ends, s.minutes, s.visit_kind,
       coalesce(s.room, r.room) as room, s.valid_from, s.valid_to
from booking.schedule s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where s.organization_id = %(organization_id)s and s.resource_id = %(resource_id)s
order by s.weekday, s.starts, s.valid_from, s.id;

-- name: add_hours
-- Add weekly hours.
insert into booking.schedule
    (organization_id, resource_id, weekday, starts, ends, minutes, visit_kind, room, valid_from, valid_to)
values
    (%(organization_id)s, %(resource_id)s, %(weekday)s, %(starts)s, %(ends)s, %(minutes)s, %(visit_kind)s, %(room)s,
     %(valid_from)s, %(valid_to)s)
returning id;

-- name: remove_hours
-- Remove hours; slots already made from them stay.
delete from booking.schedule
where organization_id = %(organization_id)s and resource_id = %(resource_id)s and id = %(id)s
returning id;

-- name: lock_schedule
-- Serialise changes of an organisation's hours and the making of its slots.
select pg_advisory_xact_lock(hashtext('booking.schedule'), %(organization_id)s);

-- name: existing_slots
-- Slots of a period, withdrawn ones too: what the making of new slots has to know about them.
select s.id, s.resource_id, r.kind, r.employee_id, r.name, s.starts_at, s.ends_at, coalesce(s.room, r.room) as room,
       s.withdrawn_at is not null as is_withdrawn
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where s.organization_id = %(organization_id)s and s.starts_at >= %(since)s and s.starts_at < %(until)s;

-- name: add_slots
-- Add slots, given as arrays of equal length: ids of hours, and beginnings and ends in seconds since 1970.
insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind, room)
select s.organization_id, s.resource_id, to_timestamp(n.starts_at), to_timestamp(n.ends_at), s.visit_kind,
       coalesce(s.room, r.room)
from unnest(%(hours)s::uuid[], %(starts)s::bigint[], %(ends)s::bigint[]) as n (hours_id, starts_at, ends_at)
join booking.schedule s on s.organization_id = %(organization_id)s and s.id = n.hours_id
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id;
