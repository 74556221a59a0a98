-- Readings of the region's record on the strength of a visit that its doctor alone has begun: the head's daily list.
create table clinic.new_visit (
    organization_id integer not null,
    patient_id uuid not null,
    account text not null,             -- who read
    day date not null default current_date,
    id uuid not null default uuidv7(),
    reader_name text not null,
    first_at timestamptz not null default clock_timestamp(),
    last_at timestamptz not null default clock_timestamp(),
    times integer not null default 1,
    seen_at timestamptz,
    seen_by text,                      -- account
    seen_by_name text,
    primary key (organization_id, patient_id, account, day)
);
create unique index new_visit_newest on clinic.new_visit (organization_id, first_at desc, id desc);
create unique index new_visit_id on clinic.new_visit (organization_id, id);
alter table clinic.new_visit enable row level security;
create policy own_organization on clinic.new_visit to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert on clinic.new_visit to trustmed_clinic;
grant update (last_at, times, seen_at, seen_by, seen_by_name) on clinic.new_visit to trustmed_clinic;
