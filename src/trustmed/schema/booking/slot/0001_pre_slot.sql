-- What a site writes of booking: whom one books with, slots, slots handed over to the region, the site's own bookings.
-- Replicated up. The region never writes here; what it has to say stands in component booking.region.

create schema if not exists booking;
grant usage on schema booking to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

-- A doctor or a room (a cabinet with a device) that patients are booked to.
create table booking.resource (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    kind text not null check (kind in ('doctor', 'room')),
    employee_id uuid,                    -- of a doctor
    name text not null check (name <> ''),
    speciality_code text not null,       -- dictionary 1.2.643.5.1.13.13.11.1002: the post by which registries book
    speciality text not null,
    room text,
    disabled_at timestamptz,
    primary key (organization_id, id),
    check (kind = 'room' or employee_id is not null)
);

create table booking.slot (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    resource_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    visit_kind text not null check (visit_kind in ('first', 'repeat', 'any')),
    room text,
    withdrawn_at timestamptz,            -- the doctor is ill, the room is closed: nobody may book it any more
    withdrawn_why text,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('booking.slot');
create index slot_time on booking.slot (organization_id, starts_at);
create index slot_withdrawn on booking.slot (organization_id, starts_at) where withdrawn_at is not null;
create unique index slot_once on booking.slot (organization_id, resource_id, starts_at) where withdrawn_at is null;

-- «This slot is yours from now on»: turn by turn. A turn ends with a row of booking.handback that bears its number.
-- Between the two the region owns the slot; else its site does; while either is on its way, nobody does.
create table booking.handover (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    slot_id uuid not null,
    turn integer not null check (turn > 0),
    sell_until timestamptz not null,     -- by the region's clock; then it sells no more and hands back what is free
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('booking.handover');
create unique index handover_turn on booking.handover (organization_id, slot_id, turn);

-- «Hand this turn back if nobody is booked»: the site needs the slot sooner, or has withdrawn it.
create table booking.recall (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    slot_id uuid not null,
    turn integer not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create unique index recall_turn on booking.recall (organization_id, slot_id, turn);

-- A booking made at the site, of a slot that was the site's.
create table booking.site_booking (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    request_id uuid not null,            -- the same request sent again is the same booking
    slot_id uuid not null,
    resource_id uuid not null,
    speciality_code text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    patient_id uuid not null,
    channel text not null check (channel in ('registrar')),
    booked_by text not null,
    booked_by_name text not null,
    booked_at timestamptz not null default clock_timestamp(),
    allowed text,                        -- why two at one time or two with one speciality a day are right here
    ended_at timestamptz,
    ended_how text check (ended_how in ('cancelled', 'moved')),
    ended_by_name text,
    ended_why text,
    moved_to uuid,                       -- the booking it was moved to
    primary key (organization_id, id),
    check ((ended_at is null) = (ended_how is null))
) partition by hash (organization_id);
call trustmed.partition_by_organization('booking.site_booking');
create unique index site_booking_request on booking.site_booking (organization_id, request_id);
create unique index site_booking_slot on booking.site_booking (organization_id, slot_id) where ended_at is null;
create index site_booking_time on booking.site_booking (organization_id, starts_at);
create index site_booking_patient on booking.site_booking (organization_id, patient_id, starts_at);

-- The site asks the region to end a booking that the region made: only its maker ends it.
create table booking.site_request (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    booking_id uuid not null,            -- of booking.region_booking
    ask text not null check (ask in ('cancel')),
    by_name text not null,
    why text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create index site_request_booking on booking.site_request (organization_id, booking_id);

-- Whether the patient came, whoever made the booking. `patient_id`: the card the site keeps for whom the region booked.
create table booking.attendance (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    booking_id uuid not null,
    outcome text not null check (outcome in ('came', 'no_show', 'known_as')),
    patient_id uuid,
    by_name text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create index attendance_booking on booking.attendance (organization_id, booking_id);
create index attendance_patient on booking.attendance (organization_id, patient_id) where patient_id is not null;

-- What the registrar did about a conflict the region found (booking.conflict).
create table booking.settlement (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    conflict_id uuid not null,
    how text not null,
    by_name text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create unique index settlement_conflict on booking.settlement (organization_id, conflict_id);

do $$
declare
    name text;
begin
    foreach name in array array[
        'resource', 'slot', 'handover', 'recall', 'site_booking', 'site_request', 'attendance', 'settlement'
    ] loop
        execute format('alter table booking.%I enable row level security', name);
        execute format(
            'create policy own_organization on booking.%I to trustmed_clinic'
            ' using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id())',
            name
        );
        execute format('create policy feed_reads on booking.%I for select to trustmed_feed using (true)', name);
        execute format('create policy monitor_reads on booking.%I for select to trustmed_monitor using (true)', name);
        execute format('grant select, insert on booking.%I to trustmed_clinic', name);
        execute format('grant select on booking.%I to trustmed_feed, trustmed_link, trustmed_monitor', name);
    end loop;
    -- Nothing of a patient stands in these.
    foreach name in array array['resource', 'slot', 'handover', 'recall'] loop
        execute format('create policy everybody_reads on booking.%I for select to trustmed_region using (true)', name);
        execute format('grant select on booking.%I to trustmed_region', name);
    end loop;
end
$$;
grant update on booking.resource, booking.slot, booking.site_booking to trustmed_clinic;
create policy granted_person on booking.site_booking for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = site_booking.organization_id and l.patient_id = site_booking.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
grant select on booking.site_booking to trustmed_region;
