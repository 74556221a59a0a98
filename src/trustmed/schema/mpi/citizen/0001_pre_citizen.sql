-- Citizens whom portals bring: proofs that were used, and questions to a steward about who a citizen is.

-- Proofs of portals (RFC 9449) that have served. All processes share them; who serves requests only adds, by a function.
create table mpi.spent_proof (
    sha256 text primary key,             -- hex, of the portal's key and the proof's id
    until timestamptz not null           -- from then on the proof is refused for its age
);
create index spent_proof_until on mpi.spent_proof (until);
alter table mpi.spent_proof enable row level security;

-- True the first time, null for a proof that has served. Two proofs that are too old go each time, so that few are kept.
create function mpi.spend_proof(with_sha256 text, until_then timestamptz) returns boolean
language sql security definer set search_path = ''
begin atomic
    delete from mpi.spent_proof where sha256 in (
        select sha256 from mpi.spent_proof where until < clock_timestamp() order by until limit 2 for update skip locked
    );
    insert into mpi.spent_proof (sha256, until) values (with_sha256, until_then)
    on conflict do nothing
    returning true;
end;

-- A citizen whose token does not agree with the cards that bear their number: a steward says whether they are the person.
create table mpi.citizen_question (
    id uuid primary key default uuidv7(),
    opened_at timestamptz not null default clock_timestamp(),
    identity_sha256 text not null,       -- hex, of number, name and birth date
    snils text not null check (snils ~ '^\d{11}$'),
    surname text not null,
    given_name text not null,
    patronymic text,
    birth_date date not null,
    sub text not null,                   -- the account at the provider
    client_name text not null,           -- the portal that brought it
    closed_at timestamptz,
    outcome text check (outcome in ('same', 'not_same', 'moot')),
    person_id uuid,                      -- whom the citizen is, if the same
    cards_sha256 text,                   -- hex, of the cards the steward saw: others are another question
    closed_by text,
    closing_reason text,
    check ((closed_at is null) = (outcome is null))
);
create unique index citizen_question_open on mpi.citizen_question (identity_sha256) where closed_at is null;
create index citizen_question_queue on mpi.citizen_question (opened_at, id) where closed_at is null;
create index citizen_question_identity on mpi.citizen_question (identity_sha256, closed_at);
create index citizen_question_snils on mpi.citizen_question (snils);
alter table mpi.citizen_question enable row level security;
create policy index_works on mpi.citizen_question to trustmed_region
    using ((select audit.granted_index())) with check ((select audit.granted_index()));
grant select, insert on mpi.citizen_question to trustmed_region;
grant update (closed_at, outcome, person_id, cards_sha256, closed_by, closing_reason) on mpi.citizen_question to trustmed_region;

-- Something that changes when what decides about a number does: cards that bear it, the other cards of their persons,
-- fixed values, answers of stewards. Null: no card bears it. It tells nothing of anybody.
create function mpi.version_of_number(of_snils text) returns text
language sql stable security definer set search_path = ''
begin atomic
    with persons as materialized (
        select distinct l.person_id
        from (select organization_id, id from mpi.patient where snils = of_snils limit 200) as p
        cross join lateral (
            select * from mpi.patient_link l where l.organization_id = p.organization_id and l.patient_id = p.id limit 1
        ) as l
    ),
    told as (
        select concat_ws(' ', m.person_id, m.organization_id, m.patient_id, m.xmin, p.xmin) as line
        from persons
        cross join lateral (select *, xmin from mpi.patient_link m where m.person_id = persons.person_id limit 200) as m
        cross join lateral (
            select xmin from mpi.patient p where p.organization_id = m.organization_id and p.id = m.patient_id limit 1
        ) as p
        union all
        select concat_ws(' ', 'pin', n.person_id, n.field, n.xmin)
        from persons
        cross join lateral (select *, xmin from mpi.pin n where n.person_id = persons.person_id limit 20) as n
        union all
        select concat_ws(' ', 'answer', q.id, q.xmin)
        from (select id, xmin from mpi.citizen_question where snils = of_snils and closed_at is not null limit 200) as q
    )
    select encode(sha256(convert_to(string_agg(line, ',' order by line), 'UTF8')), 'hex') from told
    where exists (select from persons);
end;

revoke execute on function mpi.spend_proof, mpi.version_of_number from public;
grant execute on function mpi.spend_proof, mpi.version_of_number to trustmed_region;
