-- name: body
-- The exact signed bytes of a document.
select b.sha256, b.content
from record.document_body b
where b.organization_id = %(organization_id)s and b.document_id = %(document_id)s;

-- name: signatures
-- The signatures of a document, the doctor's first, in the order they were checked.
select s.id, s.role, s.signer_name, s.signer_ogrn, s.algorithm, s.certificate_serial, s.certificate_sha256,
    s.claimed_at, s.verified_at, s.crl_issued_at, s.crl_stale, s.content
from record.document_signature s
where s.organization_id = %(organization_id)s and s.document_id = %(document_id)s
order by s.role, s.verified_at, s.id;

-- name: person_of_patient
-- The person a patient of an organisation stands for, or null.
select mpi.person_of(%(organization_id)s, %(patient_id)s);

-- name: events_of_documents
-- Documents of the registry as events, newest first; each of the person's patients gives at most a page.
select e.key, 'document' as kind, e.created_at as at, null::timestamptz as until, e.title, e.kind as code,
    '1.2.643.5.1.13.13.11.1520' as system, e.author_name || ', ' || e.author_position as text,
    null::text as value, null::text as unit, null::text as abnormal, e.organization_id, e.id as document_id,
    e.arrived_at, null::text as section,
    jsonb_build_object('signed_at', e.signed_at, 'version', e.version_number, 'signatures', e.signature_count) as detail,
    null::text as url
from mpi.patient_link l
cross join lateral (
    select 'd' || d.id as key, d.*
    from registry.document d
    where d.organization_id = l.organization_id and d.patient_id = l.patient_id
      and d.created_at <= %(before)s and (d.created_at, ('d' || d.id) collate "C") < (%(before)s, %(before_key)s)
      and d.created_at >= %(since)s
      and (%(text)s::text is null or strpos(lower(d.title || ' ' || d.author_name), %(text)s) > 0)
    order by d.created_at desc, ('d' || d.id) collate "C" desc
    limit %(limit)s
) e
where l.person_id = %(person_id)s
  and (%(organizations)s::integer[] is null or l.organization_id = any (%(organizations)s::integer[]))
order by e.created_at desc, e.key collate "C" desc
limit %(limit)s;

-- name: events_of_visits
-- Visits as events, newest first.
select e.key, 'visit' as kind, e.started_at as at, e.closed_at as until, e.doctor_name as title, null::text as code,
    null::text as system, null::text as text, null::text as value, null::text as unit, null::text as abnormal,
    e.organization_id, null::uuid as document_id, e.arrived_at, null::text as section, null::jsonb as detail,
    null::text as url
from mpi.patient_link l
cross join lateral (
    select 'v' || v.id as key, v.*
    from record.visit v
    where v.organization_id = l.organization_id and v.patient_id = l.patient_id
      and v.started_at <= %(before)s and (v.started_at, ('v' || v.id) collate "C") < (%(before)s, %(before_key)s)
      and v.started_at >= %(since)s
      and (%(text)s::text is null or strpos(lower(v.doctor_name), %(text)s) > 0)
    order by v.started_at desc, ('v' || v.id) collate "C" desc
    limit %(limit)s
) e
where l.person_id = %(person_id)s
  and (%(organizations)s::integer[] is null or l.organization_id = any (%(organizations)s::integer[]))
order by e.started_at desc, e.key collate "C" desc
limit %(limit)s;

-- name: events_of_facts
-- What documents say, fact by fact, as events, newest first.
select e.key, e.kind, e.at, e.until, e.title, e.code, e.system, e.text, e.value, e.unit, e.abnormal,
    e.organization_id, e.document_id, e.arrived_at, e.section, e.detail, e.url
from mpi.patient_link l
cross join lateral (
    select 'f' || f.document_id || lpad(f.ordinal::text, 6, '0') as key, f.*
    from record.fact f
    where f.organization_id = l.organization_id and f.patient_id = l.patient_id
      and f.at <= %(before)s
      and (f.at, ('f' || f.document_id || lpad(f.ordinal::text, 6, '0')) collate "C") < (%(before)s, %(before_key)s)
      and f.at >= %(since)s
      and (%(kinds)s::text[] is null or f.kind = any (%(kinds)s::text[]))
      and (%(text)s::text is null or strpos(lower(concat_ws(' ', f.code, f.title, f.text, f.value)), %(text)s) > 0)
    order by f.at desc, ('f' || f.document_id || lpad(f.ordinal::text, 6, '0')) collate "C" desc
    limit %(limit)s
) e
where l.person_id = %(person_id)s
  and (%(organizations)s::integer[] is null or l.organization_id = any (%(organizations)s::integer[]))
order by e.at desc, e.key collate "C" desc
limit %(limit)s;

-- name: events_of_bookings
-- Bookings by either side as events, the latest visit first; what has ended says how.
select e.key, 'booking' as kind, e.starts_at as at, e.ends_at as until, concat_ws(', ', r.speciality, r.name) as title,
    e.ended_how as code, null::text as system, null::text as text, null::text as value, null::text as unit,
    null::text as abnormal, e.organization_id, null::uuid as document_id, e.booked_at as arrived_at,
    null::text as section, jsonb_build_object('channel', e.channel, 'ended', e.ended_how) as detail, null::text as url
from (
    select 'b' || b.id as key, b.organization_id, b.resource_id, b.starts_at, b.ends_at, b.channel, b.booked_at, b.ended_how
    from mpi.patient_link l
    join booking.site_booking b on b.organization_id = l.organization_id and b.patient_id = l.patient_id
    where l.person_id = %(person_id)s and b.starts_at <= %(before)s and b.starts_at >= %(since)s
    union all
    select 'b' || b.id, b.organization_id, b.resource_id, b.starts_at, b.ends_at, b.channel, b.booked_at, b.ended_how
    from booking.region_booking b
    where b.person_id = %(person_id)s and b.starts_at <= %(before)s and b.starts_at >= %(since)s
) e
join booking.resource r on r.organization_id = e.organization_id and r.id = e.resource_id
where (e.starts_at, e.key collate "C") < (%(before)s, %(before_key)s)
  and (%(organizations)s::integer[] is null or e.organization_id = any (%(organizations)s::integer[]))
  and (%(text)s::text is null or strpos(lower(concat_ws(' ', r.speciality, r.name)), %(text)s) > 0)
order by e.starts_at desc, e.key collate "C" desc
limit %(limit)s;

-- name: standing_facts
-- The newest word on each diagnosis, allergy and measurement of the person that this shard knows.
select distinct on (f.kind, coalesce(f.code, f.title))
    'f' || f.document_id || lpad(f.ordinal::text, 6, '0') as key, f.kind, f.at, f.until, f.title, f.code, f.system,
    f.text, f.value, f.unit, f.abnormal, f.organization_id, f.document_id, f.arrived_at, f.section, f.detail, f.url
from mpi.patient_link l
cross join lateral (
    select *
    from record.fact f
    where f.organization_id = l.organization_id and f.patient_id = l.patient_id
      and f.at <= clock_timestamp() and f.kind in ('diagnosis', 'allergy', 'vital')
    order by f.at desc
    limit 1000
) f
where l.person_id = %(person_id)s
order by f.kind, coalesce(f.code, f.title), f.at desc, f.document_id desc, f.ordinal desc;

-- name: proof_at_shard
-- How far visits, and consents in force, prove to the reader that the person is treated: 'proven', 'new' or null.
-- Of two words the later in the alphabet is the stronger.
select greatest(
    record.visits_prove(
        %(person_id)s, %(organization_id)s, %(employee_id)s, clock_timestamp() - make_interval(days => %(days)s),
        clock_timestamp() - make_interval(hours => %(new_hours)s)
    ),
    record.consent_proves(%(person_id)s, %(organization_id)s, %(employee_id)s)
);

-- name: proof_at_registry
-- The same by signed documents.
select registry.documents_prove(
    %(person_id)s, %(organization_id)s, %(employee_id)s, clock_timestamp() - make_interval(days => %(days)s),
    clock_timestamp() - make_interval(hours => %(new_hours)s)
);

-- name: proof_at_booking
-- The same by bookings of either side.
select booking.bookings_prove(
    %(person_id)s, %(organization_id)s, %(account)s, clock_timestamp() - make_interval(days => %(days)s)
);

-- name: proof_of_consent
-- Whether the person consents to this organisation reading the record, by what this shard knows, and who says so.
select record.consent_proves(%(person_id)s, %(organization_id)s, %(employee_id)s);

-- name: essential_facts
-- What an emergency needs of what documents say, the newest of each subject: allergies, diagnoses and disabilities in
-- force, medicines taken now, blood group. No document is named: none is opened on this ground.
select e.key, e.kind, e.at, e.until, e.title, e.code, e.system, e.text, e.value, e.unit, e.abnormal, e.organization_id,
    null::uuid as document_id, e.arrived_at, e.section, e.detail, null::text as url
from (
    select distinct on (f.kind, coalesce(f.code, f.title))
        'f' || f.document_id || lpad(f.ordinal::text, 6, '0') as key, f.*
    from mpi.patient_link l
    cross join lateral (
        select *
        from record.fact f
        where f.organization_id = l.organization_id and f.patient_id = l.patient_id and f.at <= clock_timestamp()
          and (f.kind in ('allergy', 'diagnosis', 'disability', 'medication') or f.system = %(blood_groups)s)
        order by f.at desc
        limit 1000
    ) f
    where l.person_id = %(person_id)s
    order by f.kind, coalesce(f.code, f.title), f.at desc, f.document_id desc, f.ordinal desc
) e
where e.kind = 'allergy' or e.system = %(blood_groups)s
   or e.until > clock_timestamp()
   or (e.until is null and (e.kind <> 'medication' or e.at > clock_timestamp() - interval '180 days'))
order by e.at desc, e.key collate "C" desc
limit %(limit)s;

-- name: last_hospital_summary
-- That there is a summary of the last stay in hospital, and where: its text is not opened on this ground.
select e.key, 'document' as kind, e.created_at as at, null::timestamptz as until, e.title, e.kind as code,
    '1.2.643.5.1.13.13.11.1520' as system, e.author_name || ', ' || e.author_position as text,
    null::text as value, null::text as unit, null::text as abnormal, e.organization_id, null::uuid as document_id,
    e.arrived_at, null::text as section, null::jsonb as detail, null::text as url
from mpi.patient_link l
cross join lateral (
    select 'd' || d.id as key, d.*
    from registry.document d
    where d.organization_id = l.organization_id and d.patient_id = l.patient_id and d.kind = any (%(summaries)s::text[])
    order by d.created_at desc
    limit 1
) e
where l.person_id = %(person_id)s
order by e.created_at desc, e.key collate "C" desc
limit 1;

-- name: spend
-- Remember that a site's statement has served: true the first time, null after that.
select mpi.spend_proof(%(sha256)s, %(until)s);
