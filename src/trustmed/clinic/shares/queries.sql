-- name: quotas
-- The quotas the region has set for this organisation.
select visit_kind, speciality_code, percent, return_hours
from booking.quota where organization_id = %(organization_id)s;

-- name: shareable
-- Slots of a period that may count towards a share (not withdrawn), with whether they were ever handed over and whether
-- the site has booked them.
select s.id as slot_id, s.resource_id, s.starts_at, s.visit_kind, r.speciality_code,
    h.turn is not null as handed,
    o.id is not null as booked
from booking.slot s
join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
left join lateral (
    select h.turn from booking.handover h
    where h.organization_id = s.organization_id and h.slot_id = s.id
    order by h.turn desc limit 1
) h on true
left join lateral (
    select o.id from booking.site_booking o
    where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null limit 1
) o on true
where s.organization_id = %(organization_id)s and s.starts_at >= greatest(%(since)s, clock_timestamp())
  and s.starts_at < %(until)s and s.withdrawn_at is null;

-- name: hand_over
-- Hand slots over to the region, under their locks: only those that at this moment are the site's, free and not
-- withdrawn.
insert into booking.handover (organization_id, slot_id, turn, sell_until)
select s.organization_id, s.id, coalesce(h.turn, 0) + 1, w.sell_until
from unnest(%(slots)s::uuid[], %(untils)s::timestamptz[]) as w (slot_id, sell_until)
join booking.slot s on s.organization_id = %(organization_id)s and s.id = w.slot_id
left join lateral (
    select h.turn from booking.handover h
    where h.organization_id = s.organization_id and h.slot_id = s.id
    order by h.turn desc limit 1
) h on true
where s.withdrawn_at is null and w.sell_until > clock_timestamp()
  and (h.turn is null or exists (
      select from booking.handback b
      where b.organization_id = s.organization_id and b.slot_id = s.id and b.turn = h.turn
  ))
  and not exists (
      select from booking.site_booking o
      where o.organization_id = s.organization_id and o.slot_id = s.id and o.ended_at is null
  )
on conflict do nothing;

-- name: recall
-- Ask the region for its current turns of these slots.
insert into booking.recall (organization_id, slot_id, turn)
select h.organization_id, h.slot_id, h.turn
from booking.handover h
where h.organization_id = %(organization_id)s and h.slot_id = any(%(slots)s::uuid[])
  and h.turn > coalesce((
      select max(b.turn) from booking.handback b
      where b.organization_id = h.organization_id and b.slot_id = h.slot_id
  ), 0)
on conflict do nothing;

-- name: withdraw
-- Withdraw slots, so that nobody can book them any more.
update booking.slot
set withdrawn_at = clock_timestamp(), withdrawn_why = %(why)s
where organization_id = %(organization_id)s and id = any(%(slots)s::uuid[]) and withdrawn_at is null
  and starts_at > clock_timestamp()
returning id;
