-- Weekly hours from which a site makes its slots. Nothing of it leaves the site.

create table booking.schedule (
    organization_id integer not null,
    id uuid not null default uuidv7(),
    resource_id uuid not null,
    weekday smallint not null check (weekday between 1 and 7),   -- ISO: Monday is 1
    starts time not null,
    ends time not null check (ends > starts),
    minutes smallint not null check (minutes between 5 and 480),
    visit_kind text not null check (visit_kind in ('first', 'repeat', 'any')),
    room text,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    primary key (organization_id, id),
    foreign key (organization_id, resource_id) references booking.resource (organization_id, id)
);
create index schedule_resource on booking.schedule (organization_id, resource_id);

alter table booking.schedule enable row level security;
create policy own_organization on booking.schedule to trustmed_clinic
    using (organization_id = trustmed.organization_id()) with check (organization_id = trustmed.organization_id());
grant select, insert, update, delete on booking.schedule to trustmed_clinic;
