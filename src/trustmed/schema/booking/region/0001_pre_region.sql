-- What the region writes of booking: shares, slots handed back, its own bookings, conflicts. Replicated down, each
-- organisation's rows to its own site. A site never writes here.

create schema if not exists booking;
grant usage on schema booking to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

-- Which share of an organisation's slots of a kind the region gets, and how long before the visit it sells them.
-- An empty speciality_code: every speciality that has no rule of its own.
create table booking.quota (
    organization_id integer not null,
    visit_kind text not null check (visit_kind in ('first', 'repeat', 'any')),
    speciality_code text not null default '',
    percent smallint not null check (percent between 0 and 100),
    return_hours smallint not null check (return_hours between 0 and 720),
    set_by text not null,
    set_at timestamptz not null default clock_timestamp(),
    primary key (organization_id, visit_kind, speciality_code)
);

-- «This turn is over, the slot is yours again.»
create table booking.handback (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    slot_id uuid not null,
    turn integer not null,
    why text not null check (why in ('deadline', 'recall', 'surplus')),
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('booking.handback');
create unique index handback_turn on booking.handback (organization_id, slot_id, turn);

-- A booking made at the region, of a slot that was the region's in this turn. `person_id` is null for whom the index does
-- not know; `patient_id` is the organisation's own card, where there was one.
create table booking.region_booking (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    request_id uuid not null,
    slot_id uuid not null,
    turn integer not null,
    resource_id uuid not null,
    speciality_code text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    person_id uuid,
    patient_id uuid,
    surname text not null check (surname <> ''),
    given_name text not null check (given_name <> ''),
    patronymic text,
    birth_date date not null,
    snils text check (snils ~ '^\d{11}$'),
    phone text,
    channel text not null check (channel in ('call_centre', 'portal', 'federal')),
    booked_by text not null,
    booked_by_name text not null,
    booked_at timestamptz not null default clock_timestamp(),
    allowed text,
    ended_at timestamptz,
    ended_how text check (ended_how in ('cancelled', 'moved')),
    ended_by_name text,
    ended_why text,
    moved_to uuid,
    primary key (organization_id, id),
    check ((ended_at is null) = (ended_how is null)),
    check (person_id is not null or snils is not null or phone is not null)
) partition by hash (organization_id);
call trustmed.partition_by_organization('booking.region_booking');
create unique index region_booking_request on booking.region_booking (organization_id, request_id);
create unique index region_booking_slot on booking.region_booking (organization_id, slot_id) where ended_at is null;
create index region_booking_person on booking.region_booking (person_id, starts_at);
create index region_booking_snils on booking.region_booking (snils, starts_at) where person_id is null;
create index region_booking_patient on booking.region_booking (organization_id, patient_id, starts_at);
create index region_booking_time on booking.region_booking (organization_id, starts_at);

-- The region asks the site to end a booking that the site made.
create table booking.region_request (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    booking_id uuid not null,            -- of booking.site_booking
    ask text not null check (ask in ('cancel')),
    channel text not null,
    by_name text not null,
    why text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create unique index region_request_booking on booking.region_request (organization_id, booking_id, ask);

-- What neither side could know when it booked: a task of the organisation's registrar.
create table booking.conflict (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    kind text not null check (kind in ('same_time', 'same_speciality', 'withdrawn')),
    booking_id uuid not null,            -- the later of the two; of this organisation
    other_organization_id integer not null,
    other_booking_id uuid not null,      -- for 'withdrawn', the booking itself
    other_name text not null,            -- with whom and where, in words
    other_starts_at timestamptz not null,
    found_at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create unique index conflict_once on booking.conflict (organization_id, kind, booking_id, other_booking_id);

do $$
declare
    name text;
begin
    foreach name in array array['quota', 'handback', 'region_booking', 'region_request', 'conflict'] loop
        execute format('alter table booking.%I enable row level security', name);
        execute format(
            'create policy own_organization on booking.%I for select to trustmed_clinic'
            ' using (organization_id = trustmed.organization_id())',
            name
        );
        execute format('create policy feed_writes on booking.%I to trustmed_feed using (true) with check (true)', name);
        execute format('create policy monitor_reads on booking.%I for select to trustmed_monitor using (true)', name);
        execute format('grant select on booking.%I to trustmed_clinic, trustmed_link, trustmed_monitor', name);
        execute format('grant select, insert, update on booking.%I to trustmed_feed', name);
    end loop;
end
$$;
create policy everybody_reads on booking.quota for select to trustmed_region using (true);
create policy everybody_reads on booking.handback for select to trustmed_region using (true);
grant select on booking.quota, booking.handback to trustmed_region;
