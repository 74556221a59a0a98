-- What a next release might add: a column, and a table that travels up to the region.
alter table mpi.patient add column skew text;

create table mpi.skew_note (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    note text not null,
    primary key (organization_id, id)
) partition by hash (organization_id);
call trustmed.partition_by_organization('mpi.skew_note');
alter table mpi.skew_note enable row level security;
create policy own_organization on mpi.skew_note to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
create policy feed_reads on mpi.skew_note for select to trustmed_feed using (true);
create policy monitor_reads on mpi.skew_note for select to trustmed_monitor using (true);
grant select, insert on mpi.skew_note to trustmed_clinic;
grant select on mpi.skew_note to trustmed_feed, trustmed_link, trustmed_monitor;

-- Stands for what programs before this release need and later ones do not.
create table mpi.skew_former ();
