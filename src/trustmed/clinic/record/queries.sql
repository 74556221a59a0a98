-- name: relation
-- What makes the organisation one that treats the patient: its newest visit and the nearest booking of each side;
-- besides, an emergency access and a consent.
select
    (
        select max(v.started_at) from record.visit v
        where v.organization_id = %(organization_id)s and v.patient_id = %(patient_id)s
          and v.started_at > now() - %(days)s * interval '1 day'
    ) as visit,
    (
        select max(v.started_at) from record.visit v
        where v.organization_id = %(organization_id)s and v.patient_id = %(patient_id)s
          and v.started_at > now() - %(last_days)s * interval '1 day'
    ) as last_visit,
    (
        select max(v.started_at) from record.visit v
        where v.organization_id = %(organization_id)s and v.patient_id = %(patient_id)s
          and v.started_at > now() - %(last_days)s * interval '1 day'
          and (v.employee_id <> %(employee_id)s or v.confirmed_by <> %(employee_id)s)
    ) as last_visit_of_another,
    (
        select min(b.starts_at) from booking.site_booking b
        where b.organization_id = %(organization_id)s and b.patient_id = %(patient_id)s
          and b.ended_at is null and b.starts_at > now() - interval '1 day'
    ) as own_booking,
    (
        select min(b.starts_at) from booking.region_booking b
        where b.organization_id = %(organization_id)s and b.ended_at is null
          and b.starts_at > now() - interval '1 day'
          and (b.patient_id = %(patient_id)s or b.person_id = (
              select l.person_id from mpi.patient_link l
              where l.organization_id = %(organization_id)s and l.patient_id = %(patient_id)s
          ))
    ) as region_booking,
    (
        select a.ground_detail from audit.access a
        where a.organization_id = %(organization_id)s and a.patient_id = %(patient_id)s and a.actor = %(actor)s
          and a.action = %(action)s and a.outcome = 'granted' and a.at > now() - %(hours)s * interval '1 hour'
        order by a.at desc limit 1
    ) as emergency,
    exists (
        select from record.consent c
        where c.organization_id = %(organization_id)s and c.patient_id = %(patient_id)s and c.revoked_at is null
          and (c.valid_until is null or c.valid_until >= current_date)
    ) as consent;

-- name: own_visits
-- The organisation's own visits of the patient, the newest first.
select v.started_at, v.doctor_name
from record.visit v
where v.organization_id = %(organization_id)s and v.patient_id = %(patient_id)s
order by v.started_at desc
limit 100;

-- name: position
-- The post of an employee, as the dictionary in force names it.
select coalesce(p.name, e.position_code) as position
from access.employee e
left join nsi.dictionary n on n.oid = %(positions)s
left join nsi.entry p on p.oid = n.oid and p.version = n.current_version and p.code = e.position_code
where e.organization_id = %(organization_id)s and e.id = %(employee_id)s;

-- name: tell_head
-- A reading by a new visit, for the head's list of the day: one line for a doctor and a patient.
insert into clinic.new_visit as n (organization_id, patient_id, account, reader_name)
values (%(organization_id)s, %(patient_id)s, %(account)s, %(reader_name)s)
on conflict (organization_id, patient_id, account, day)
do update set last_at = clock_timestamp(), times = n.times + 1;
