-- The region's side of selling slots: only at the region.

-- Whether this very transaction wrote, itself, a row that says who books, for whom and through which channel.
create function audit.granted_booking() returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from audit.access
        where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
          and transaction = pg_current_xact_id_if_assigned()
          and action like 'booking:%' and outcome = 'granted'
    );
end;

-- A person's own bookings; of whom the index does not know, by whoever books or answers for them.
create policy granted_person on booking.region_booking for select to trustmed_region using (
    person_id = (select audit.granted_person())
    or (person_id is null and (select audit.granted_booking()))
    or exists (
        select from mpi.patient_link l
        where l.organization_id = region_booking.organization_id and l.patient_id = region_booking.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
create policy granted_booking on booking.region_booking for insert to trustmed_region with check (
    (select audit.granted_booking()) and person_id is not distinct from (select audit.granted_person())
);
create policy granted_end on booking.region_booking for update to trustmed_region using (
    (select audit.granted_booking()) and (
        person_id is null
        or person_id = (select audit.granted_person())
        or exists (
            select from mpi.patient_link l
            where l.organization_id = region_booking.organization_id and l.patient_id = region_booking.patient_id
              and l.person_id = (select audit.granted_person())
        )
    )
) with check (true);
grant select, insert on booking.region_booking to trustmed_region;
grant update (ended_at, ended_how, ended_by_name, ended_why, moved_to) on booking.region_booking to trustmed_region;
create policy granted_booking on booking.region_request to trustmed_region
    using ((select audit.granted_booking())) with check ((select audit.granted_booking()));
grant select, insert on booking.region_request to trustmed_region;

-- Slots the region may sell now, of one organisation: owned, before the deadline, not withdrawn or recalled, not booked.
create function booking.free_at_region(of_organization integer, since timestamptz, before timestamptz)
returns table (
    slot_id uuid, turn integer, resource_id uuid, starts_at timestamptz, ends_at timestamptz, visit_kind text,
    room text, sell_until timestamptz
)
language sql stable security definer set search_path = ''
begin atomic
    select s.id, h.turn, s.resource_id, s.starts_at, s.ends_at, s.visit_kind, s.room, h.sell_until
    from booking.slot s
    cross join lateral (
        select h.turn, h.sell_until from booking.handover h
        where h.organization_id = s.organization_id and h.slot_id = s.id
        order by h.turn desc limit 1
    ) h
    where s.organization_id = of_organization and s.starts_at >= since and s.starts_at < before
      and s.withdrawn_at is null and h.sell_until > clock_timestamp() and s.starts_at > clock_timestamp()
      and not exists (
          select from booking.handback b
          where b.organization_id = s.organization_id and b.slot_id = s.id and b.turn = h.turn
      )
      and not exists (
          select from booking.recall c
          where c.organization_id = s.organization_id and c.slot_id = s.id and c.turn = h.turn
      )
      and not exists (
          select from booking.region_booking r
          where r.organization_id = s.organization_id and r.slot_id = s.id and r.ended_at is null
      )
    order by s.starts_at, s.resource_id;
end;

-- Why a slot cannot be sold now, in one word; 'free' if it can.
create function booking.state_at_region(of_organization integer, of_slot uuid) returns text
language sql stable security definer set search_path = ''
begin atomic
    select case
        when s.id is null then 'unknown'
        when s.withdrawn_at is not null then 'withdrawn'
        when s.starts_at <= clock_timestamp() then 'past'
        when h.turn is null or b.turn is not null then 'not_ours'
        when r.slot_id is not null then 'taken'
        when c.turn is not null then 'recalled'
        when h.sell_until <= clock_timestamp() then 'late'
        else 'free'
    end
    from (values (1)) as one
    left join booking.slot s on s.organization_id = of_organization and s.id = of_slot
    left join lateral (
        select h.turn, h.sell_until from booking.handover h
        where h.organization_id = of_organization and h.slot_id = of_slot order by h.turn desc limit 1
    ) h on true
    left join booking.handback b
        on b.organization_id = of_organization and b.slot_id = of_slot and b.turn = h.turn
    left join booking.recall c
        on c.organization_id = of_organization and c.slot_id = of_slot and c.turn = h.turn
    left join booking.region_booking r
        on r.organization_id = of_organization and r.slot_id = of_slot and r.ended_at is null;
end;

-- Whether a request's id was used, by whomever: who asks with it does not see others' bookings.
create function booking.request_is_used(of_organization integer, of_request uuid) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from booking.region_booking where organization_id = of_organization and request_id = of_request
    );
end;

-- All that this side knows of one patient's bookings, of both sides and in all organisations, by the time of the visit.
-- Opened, like the tables themselves, by the transaction's own audit row; whoever stands for another person sees nothing.
-- A booking made while the index did not know the person is theirs by СНИЛС; without one, by phone, name and birth date.
create function booking.bookings_of(
    of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date,
    since timestamptz, before timestamptz
)
returns table (
    organization_id integer, id uuid, side text, slot_id uuid, resource_id uuid, starts_at timestamptz,
    ends_at timestamptz, speciality_code text, speciality text, name text, room text, channel text,
    booked_by_name text, booked_at timestamptz, ended_at timestamptz, ended_how text, ended_by_name text, ended_why text
)
language sql stable security definer set search_path = ''
begin atomic
    with granted as materialized (
        select where audit.granted_booking() and of_person is not distinct from audit.granted_person()
    ), made as (
        select b.organization_id, b.id, 'region' as side, b.slot_id, b.resource_id, b.starts_at, b.ends_at,
            b.speciality_code, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
            b.ended_why
        from granted
        cross join booking.region_booking b
        where b.person_id = of_person and b.starts_at >= since and b.starts_at < before
        union
        select b.organization_id, b.id, 'region', b.slot_id, b.resource_id, b.starts_at, b.ends_at,
            b.speciality_code, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
            b.ended_why
        from granted
        cross join mpi.patient_link l
        cross join lateral (
            select * from booking.region_booking r
            where r.organization_id = l.organization_id and r.patient_id = l.patient_id
              and r.starts_at >= since and r.starts_at < before
            offset 0
        ) b
        where l.person_id = of_person
        union
        select b.organization_id, b.id, 'region', b.slot_id, b.resource_id, b.starts_at, b.ends_at,
            b.speciality_code, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
            b.ended_why
        from granted
        cross join booking.region_booking b
        where b.person_id is null and b.snils = of_snils and b.starts_at >= since and b.starts_at < before
        union
        select b.organization_id, b.id, 'region', b.slot_id, b.resource_id, b.starts_at, b.ends_at,
            b.speciality_code, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
            b.ended_why
        from granted
        cross join booking.region_booking b
        where b.person_id is null and b.phone = of_phone and (b.snils is null or of_snils is null)
          and lower(b.surname) = lower(of_surname) and lower(b.given_name) = lower(of_given_name)
          and b.birth_date = of_birth_date and b.starts_at >= since and b.starts_at < before
        union
        select b.organization_id, b.id, 'site', b.slot_id, b.resource_id, b.starts_at, b.ends_at,
            b.speciality_code, b.channel, b.booked_by_name, b.booked_at, b.ended_at, b.ended_how, b.ended_by_name,
            b.ended_why
        from granted
        cross join mpi.patient_link l
        cross join lateral (
            select * from booking.site_booking s
            where s.organization_id = l.organization_id and s.patient_id = l.patient_id
              and s.starts_at >= since and s.starts_at < before
            offset 0
        ) b
        where l.person_id = of_person
    )
    select m.organization_id, m.id, m.side, m.slot_id, m.resource_id, m.starts_at, m.ends_at, m.speciality_code,
        coalesce(r.speciality, m.speciality_code), coalesce(r.name, ''), coalesce(s.room, r.room), m.channel,
        m.booked_by_name, m.booked_at, m.ended_at, m.ended_how, m.ended_by_name, m.ended_why
    from made m
    left join booking.resource r on r.organization_id = m.organization_id and r.id = m.resource_id
    left join booking.slot s on s.organization_id = m.organization_id and s.id = m.slot_id
    order by m.starts_at, m.id;
end;

-- Whether a person is expected at an organisation: booked there by either side, from a day ago on.
create function booking.expects(of_person uuid, of_organization integer) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from booking.region_booking r
        where r.organization_id = of_organization and r.person_id = of_person and r.ended_at is null
          and r.starts_at > now() - interval '1 day'
    ) or exists (
        select from mpi.patient_link l
        join booking.site_booking b on b.organization_id = l.organization_id and b.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization and b.ended_at is null
          and b.starts_at > now() - interval '1 day'
    );
end;

revoke execute on function booking.free_at_region, booking.state_at_region, booking.expects, booking.request_is_used,
    booking.bookings_of from public;
grant execute on function booking.free_at_region, booking.state_at_region, booking.expects to trustmed_region, trustmed_feed;
grant execute on function booking.request_is_used, booking.bookings_of to trustmed_region;

-- Until when the feed has handed back what was not sold in time: turns that end later are still to be looked at.
create table booking.sweep (
    only_row boolean primary key default true check (only_row),
    swept_until timestamptz not null default '-infinity'
);
insert into booking.sweep default values;
grant select, update on booking.sweep to trustmed_feed;
grant select on booking.sweep to trustmed_monitor;
create index handover_sell_until on booking.handover (sell_until);

-- A booking of somebody who gave no СНИЛС.
create index region_booking_phone on booking.region_booking (phone, starts_at) where person_id is null;
