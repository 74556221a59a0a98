-- A patient's consent to an organisation reading the patient's integrated record. Written and revoked at the site.

create schema if not exists record;
grant usage on schema record to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

create table record.consent (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    patient_id uuid not null,
    given_at timestamptz not null default clock_timestamp(),
    valid_until date,                  -- the last day; null: until revoked
    recorded_by uuid not null,         -- employee
    recorded_by_name text not null,
    revoked_at timestamptz,
    revoked_by uuid,
    revoked_by_name text,
    primary key (organization_id, id),
    check ((revoked_at is null) = (revoked_by_name is null))
) partition by hash (organization_id);
call trustmed.partition_by_organization('record.consent');
create index consent_patient on record.consent (organization_id, patient_id, given_at desc);

alter table record.consent enable row level security;
create policy own_organization on record.consent to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
-- What was consented to is never rewritten: it can only be revoked.
grant select on record.consent to trustmed_clinic;
grant insert (organization_id, patient_id, valid_until, recorded_by, recorded_by_name) on record.consent to trustmed_clinic;
grant update (revoked_at, revoked_by, revoked_by_name) on record.consent to trustmed_clinic;

create policy granted_person on record.consent for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = consent.organization_id and l.patient_id = consent.patient_id
          and l.person_id = (select audit.granted_person())
    )
);
create policy feed_reads on record.consent for select to trustmed_feed using (true);
create policy monitor_reads on record.consent for select to trustmed_monitor using (true);
grant select on record.consent to trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;

-- Whether the person consents, today by the server's clock, to this organisation reading their record.
create function record.has_consent(of_person uuid, of_organization integer) returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from mpi.patient_link l
        join record.consent c on c.organization_id = l.organization_id and c.patient_id = l.patient_id
        where l.person_id = of_person and l.organization_id = of_organization
          and c.revoked_at is null and (c.valid_until is null or c.valid_until >= current_date)
    );
end;
revoke execute on function record.has_consent from public;
grant execute on function record.has_consent to trustmed_region;
