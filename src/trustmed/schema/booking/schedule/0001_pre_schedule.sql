-- The site's side of slots: whose one is, and the weekly hours they are made from. Only at the site.

-- Whether the slot is the site's: it was never handed over, or the last turn has been handed back.
create function booking.is_of_site(of_organization integer, of_slot uuid) returns boolean
language sql stable security invoker
begin atomic
    select coalesce((
        select max(h.turn) from booking.handover h where h.organization_id = of_organization and h.slot_id = of_slot
    ), 0) = coalesce((
        select max(b.turn) from booking.handback b where b.organization_id = of_organization and b.slot_id = of_slot
    ), 0);
end;

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
