-- The region's persons and the identifiers they are known by.

create table mpi.person (
    id uuid primary key default uuidv7(),
    created_at timestamptz not null default clock_timestamp()
);

-- One person an identifier: what keeps two registrations at one moment from making two persons.
create table mpi.person_identifier (
    kind text not null check (kind in ('snils', 'enp')),
    value text not null,
    person_id uuid not null references mpi.person (id),
    since timestamptz not null default clock_timestamp(),
    primary key (kind, value)
);
create index person_identifier_person on mpi.person_identifier (person_id);

grant select, insert on mpi.person to trustmed_feed;
grant select, insert, update, delete on mpi.person_identifier to trustmed_feed;

create function mpi.person_by_identifier(of_kind text, of_value text) returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from mpi.person_identifier where kind = of_kind and value = of_value;
end;
revoke execute on function mpi.person_by_identifier from public;
grant execute on function mpi.person_by_identifier to trustmed_region, trustmed_feed;

create policy granted_person on mpi.patient for select to trustmed_region using (
    exists (
        select from mpi.patient_link l
        where l.organization_id = patient.organization_id and l.patient_id = patient.id
          and l.person_id = (select audit.granted_person())
    )
);
grant select on mpi.patient to trustmed_region;
