-- Whether one booking stands in the way of a visit: at its time, or of its speciality on its local day. Planned as a part of
-- the query that asks.
create function booking.collide(
    starts_at timestamptz, ends_at timestamptz, speciality_code text,
    begins timestamptz, ends timestamptz, of_speciality text, day_begins timestamptz, day_ends timestamptz
) returns boolean
language sql immutable
return (starts_at < ends and ends_at > begins)
    or (speciality_code = of_speciality and starts_at >= day_begins and starts_at < day_ends);

-- Whether a patient's bookings stand in the way of a visit: another at its time, or of its speciality on its local day.
-- The same bookings as booking.bookings_of, looked at every time one is made: each way to know a patient is a query of its
-- own, asked only where it can find something; a card's organisation is named, so that one partition of many is opened.
-- Planned once a session: over hash partitions planning costs more than running.
create function booking.clashes(
    of_person uuid, of_snils text, of_phone text, of_surname text, of_given_name text, of_birth_date date,
    begins timestamptz, ends timestamptz, of_speciality text, day_begins timestamptz, day_ends timestamptz
) returns boolean
language plpgsql stable security definer cost 1000
set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
    since constant timestamptz := day_begins - interval '1 day';
    before constant timestamptz := day_ends + interval '1 day';
    card record;
begin
    if not audit.granted_booking() or of_person is distinct from audit.granted_person() then
        return false;
    end if;
    if of_person is not null then
        if exists (
            select from booking.region_booking b
            where b.person_id = of_person and b.starts_at >= since and b.starts_at < before and b.ended_at is null
              and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
        ) then
            return true;
        end if;
        for card in select l.organization_id, l.patient_id from mpi.patient_link l where l.person_id = of_person loop
            if exists (
                select from booking.region_booking b
                where b.organization_id = card.organization_id and b.patient_id = card.patient_id
                  and b.starts_at >= since and b.starts_at < before and b.ended_at is null
                  and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
            ) or exists (
                select from booking.site_booking b
                where b.organization_id = card.organization_id and b.patient_id = card.patient_id
                  and b.starts_at >= since and b.starts_at < before and b.ended_at is null
                  and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
            ) then
                return true;
            end if;
        end loop;
    end if;
    if of_snils is not null and exists (
        select from booking.region_booking b
        where b.person_id is null and b.snils = of_snils
          and b.starts_at >= since and b.starts_at < before and b.ended_at is null
          and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
    ) then
        return true;
    end if;
    return of_phone is not null and exists (
        select from booking.region_booking b
        where b.person_id is null and b.phone = of_phone and (b.snils is null or of_snils is null)
          and lower(b.surname) = lower(of_surname) and lower(b.given_name) = lower(of_given_name)
          and b.birth_date = of_birth_date
          and b.starts_at >= since and b.starts_at < before and b.ended_at is null
          and booking.collide(b.starts_at, b.ends_at, b.speciality_code, begins, ends, of_speciality, day_begins, day_ends)
    );
end
$$;
revoke execute on function booking.clashes from public;
grant execute on function booking.clashes to trustmed_region;
