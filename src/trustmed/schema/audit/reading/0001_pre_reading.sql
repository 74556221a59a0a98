-- What a site's staff read or changed of a patient, as the patient is told of it: carried to the site's shard of the record.
-- A table of its own and not audit.access: there the region has rows of its own, which no link may touch.

create table audit.reading (
    organization_id integer not null,
    id uuid not null,                  -- of the event in the site's audit.access
    at timestamptz not null,
    actor_name text not null,
    actor_position text,               -- as the dictionary in force named it; the code where it has no name
    action text not null,
    ground text not null,
    ground_detail text,                -- of consent and break_glass only
    patient_id uuid not null,
    document_id uuid,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('audit.reading');
create index reading_patient on audit.reading (organization_id, patient_id, at desc, id desc);

alter table audit.reading enable row level security;
-- No insert for trustmed_clinic: rows come of audit.access alone.
create policy own_organization on audit.reading for select to trustmed_clinic
    using (organization_id = trustmed.organization_id());
create policy granted_person on audit.reading for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = reading.organization_id and l.patient_id = reading.patient_id
          and l.person_id = (select audit.granted_trail())
    )
);
create policy feed_reads on audit.reading for select to trustmed_feed using (true);
create policy monitor_reads on audit.reading for select to trustmed_monitor using (true);
grant usage on schema audit to trustmed_feed, trustmed_link;
grant select on audit.reading to trustmed_clinic, trustmed_region, trustmed_feed, trustmed_link, trustmed_monitor;
