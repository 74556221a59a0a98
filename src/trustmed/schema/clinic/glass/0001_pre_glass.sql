-- Which emergency accesses the head of an organisation has looked through: events of audit.access and notices of the region.

create table clinic.glass_seen (
    organization_id integer not null,
    id uuid not null,                  -- of audit.access or of mpi.break_glass
    seen_at timestamptz not null default clock_timestamp(),
    seen_by text not null,             -- account
    seen_by_name text not null,
    primary key (organization_id, id)
);
alter table clinic.glass_seen enable row level security;
create policy own_organization on clinic.glass_seen to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert on clinic.glass_seen to trustmed_clinic;
