-- How far bookings of a person at an organisation since then prove, to this reader's account, that the person is treated
-- there: 'proven' by a booking that somebody else made, 'new' by the reader's own from a day ago on; null otherwise. What was
-- cancelled, and to what the patient did not come, proves nothing.
create function booking.bookings_prove(
    of_person uuid, of_organization integer, to_account text, since timestamptz
) returns text
language sql stable security definer set search_path = ''
begin atomic
    select case
        when bool_or(b.booked_by is null or b.booked_by <> to_account) then 'proven'
        when bool_or(b.starts_at > now() - interval '1 day') then 'new'
    end
    from (
        select r.id, r.starts_at, null as booked_by
        from booking.region_booking r
        where r.organization_id = of_organization and r.person_id = of_person
          and r.ended_at is null and r.starts_at >= since
        union all
        select r.id, r.starts_at, null
        from mpi.patient_link l
        join booking.region_booking r on r.organization_id = l.organization_id and r.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization
          and r.organization_id = of_organization and r.ended_at is null and r.starts_at >= since
        union all
        select s.id, s.starts_at, s.booked_by
        from mpi.patient_link l
        join booking.site_booking s on s.organization_id = l.organization_id and s.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization
          and s.organization_id = of_organization and s.ended_at is null and s.starts_at >= since
    ) b
    where not exists (
        select from booking.attendance a
        where a.organization_id = of_organization and a.booking_id = b.id and a.outcome = 'no_show'
    );
end;
revoke execute on function booking.bookings_prove from public;
grant execute on function booking.bookings_prove to trustmed_region;
