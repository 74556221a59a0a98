-- Matching by likeness. A patient's row is never rewritten: a person is a set of links, and what stands here is either
-- derived from the rows (profile, key: can be made anew at any time) or a decision (never deleted).

-- The revision grows with every decision of a steward and with every merge: whoever decided on an older one decides anew.
alter table mpi.person add column revision integer not null default 0;
alter table mpi.person add column merged_into uuid references mpi.person (id);
alter table mpi.person add column merged_at timestamptz;
create index person_merged on mpi.person (merged_into) where merged_into is not null;

-- What the matcher sees of a patient, normalised (trustmed.matching.profile), and its blocking keys.
create table mpi.profile (
    number bigint primary key,
    organization_id integer not null,
    patient_id uuid not null,
    content bytea not null,
    keys bigint[] not null,
    unique (organization_id, patient_id)
);
create sequence mpi.profile_number owned by mpi.profile.number;

create table mpi.key (
    key bigint not null,
    number bigint not null,
    primary key (key, number)
);

-- Every decision, and why. Only ever added to.
create table mpi.decision (
    id uuid primary key default uuidv7(),
    at timestamptz not null default clock_timestamp(),
    kind text not null check (kind in (
        'linked', 'moved', 'parted', 'asked', 'merged', 'split', 'undone', 'kept_apart', 'let_together', 'pinned', 'unpinned'
    )),
    organization_id integer,
    patient_id uuid,
    person_id uuid not null,          -- where the patient is after it
    former_person_id uuid,            -- where the patient was before it
    author text not null,             -- 'matcher', or a steward's login
    author_name text not null,
    reason text not null,
    act_id uuid,                      -- the steward's act it is a part of
    weight real,                      -- bits, the prior included
    model text,                       -- version of the weights
    explanation jsonb                 -- field by field
);
create index decision_patient on mpi.decision (organization_id, patient_id, id);
create index decision_person on mpi.decision (person_id, id);
create index decision_former on mpi.decision (former_person_id, id) where former_person_id is not null;

-- Pairs of patients whom a human being has to look at, in one order, so that an open pair is there once.
create table mpi.review (
    id uuid primary key default uuidv7(),
    opened_at timestamptz not null default clock_timestamp(),
    organization_id integer not null,
    patient_id uuid not null,
    other_organization_id integer not null,
    other_patient_id uuid not null,
    weight real not null,
    priority smallint not null,       -- 1 first
    reason text not null,
    model text not null,
    explanation jsonb not null,
    postponed_until timestamptz,
    closed_at timestamptz,
    outcome text check (outcome in ('same', 'not_same', 'moot')),
    closed_by text,
    closing_reason text,
    check ((closed_at is null) = (outcome is null)),
    check ((organization_id, patient_id) < (other_organization_id, other_patient_id))
);
create unique index review_open_pair
    on mpi.review (organization_id, patient_id, other_organization_id, other_patient_id) where closed_at is null;
create index review_queue on mpi.review (priority, (-weight), id) where closed_at is null;
create index review_other on mpi.review (other_organization_id, other_patient_id) where closed_at is null;

-- What a steward said of two patients: not the same. In one order, so that a pair is there once.
create table mpi.not_same (
    organization_id integer not null,
    patient_id uuid not null,
    other_organization_id integer not null,
    other_patient_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    act_id uuid not null,
    primary key (organization_id, patient_id, other_organization_id, other_patient_id),
    check ((organization_id, patient_id) < (other_organization_id, other_patient_id))
);
create index not_same_other on mpi.not_same (other_organization_id, other_patient_id);
create index not_same_act on mpi.not_same (act_id);

-- A steward's merge or split, and each patient it touched as it was: what undoing brings back.
create table mpi.act (
    id uuid primary key default uuidv7(),
    at timestamptz not null default clock_timestamp(),
    kind text not null check (kind in ('merge', 'split', 'not_same')),
    person_id uuid not null,          -- merge: who remains; split: who is left
    other_person_id uuid not null,    -- merge: who is merged; split: who is new
    author text not null,
    author_name text not null,
    reason text not null check (reason <> ''),
    undone_at timestamptz,
    undone_by text,
    undone_reason text
);
create index act_person on mpi.act (person_id, id);
create index act_other on mpi.act (other_person_id, id);

create table mpi.act_link (
    act_id uuid not null references mpi.act (id),
    organization_id integer not null,
    patient_id uuid not null,
    person_before uuid not null,
    decision_before text not null,
    reason_before text not null,
    linked_before timestamptz not null,
    person_after uuid not null,
    primary key (act_id, organization_id, patient_id)
);
create index act_link_patient on mpi.act_link (organization_id, patient_id, act_id);

-- Patients to be matched anew, by the change feed: what they were linked to has changed by a steward's act.
create table mpi.rematch (
    organization_id integer not null,
    patient_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, patient_id)
);

-- A value of the golden record that a steward fixed.
create table mpi.pin (
    person_id uuid not null,
    field text not null,
    value text not null,
    at timestamptz not null default clock_timestamp(),
    author text not null,
    author_name text not null,
    reason text not null check (reason <> ''),
    primary key (person_id, field)
);

create index patient_identity_holder on mpi.patient (identity_number) where identity_number is not null;

do $$
declare
    name text;
begin
    foreach name in array array['person', 'profile', 'key', 'decision', 'review', 'not_same', 'act', 'act_link', 'pin', 'rematch'] loop
        execute format('alter table mpi.%I enable row level security', name);
        execute format('create policy feed_works on mpi.%I to trustmed_feed using (true) with check (true)', name);
        execute format(
            'create policy index_works on mpi.%I to trustmed_region using ((select audit.granted_index()))'
            ' with check ((select audit.granted_index()))', name
        );
    end loop;
end
$$;
create policy index_reads on mpi.patient for select to trustmed_region using ((select audit.granted_index()));
create policy index_works on mpi.patient_link to trustmed_region
    using ((select audit.granted_index())) with check ((select audit.granted_index()));

grant update (revision, merged_into, merged_at) on mpi.person to trustmed_feed, trustmed_region;
grant select, insert on mpi.person to trustmed_region;
grant usage on sequence mpi.profile_number to trustmed_feed;
grant select, insert, update, delete on mpi.profile, mpi.key to trustmed_feed;
grant select, insert on mpi.decision to trustmed_feed, trustmed_region;
grant select, insert, update on mpi.review to trustmed_feed, trustmed_region;
grant select on mpi.not_same, mpi.act, mpi.act_link to trustmed_feed;
grant select on mpi.profile, mpi.key to trustmed_region;
grant select, insert, delete on mpi.not_same to trustmed_region;
grant select, insert, update, delete on mpi.pin to trustmed_region;
grant select, insert, update on mpi.act to trustmed_region;
grant select, insert on mpi.act_link to trustmed_region;
grant insert, update on mpi.patient_link to trustmed_region;
grant select, insert, update on mpi.rematch to trustmed_region;
grant select, delete on mpi.rematch to trustmed_feed;

-- Whom an identifier belongs to: the person most of whose patients have it, the earlier one among equals. Read from the
-- rows themselves, so that it cannot be stale; a number that hundreds have is judged by the first of them.
create or replace function mpi.person_by_identifier(of_kind text, of_value text) returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select l.person_id
    from (
        (select organization_id, id from mpi.patient where of_kind = 'snils' and snils = of_value limit 200)
        union all
        (select organization_id, id from mpi.patient where of_kind = 'enp' and enp = of_value limit 200)
    ) as p
    join mpi.patient_link l on l.organization_id = p.organization_id and l.patient_id = p.id
    group by l.person_id
    order by count(*) desc, l.person_id
    limit 1;
end;
