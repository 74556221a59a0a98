-- The trail is cut by months, so that what is past keeping goes as a whole and everything else stays untouched. The rows
-- that were here become its first part without being read or moved: the files before this one have checked them and built
-- what the part needs. Programs of a former release notice nothing.

alter table audit.access rename to access_former;
alter table audit.access_former drop constraint access_pkey;
alter table audit.access_former add constraint access_former_pkey primary key using index access_id_at;
alter index audit.access_person rename to access_former_person;
alter index audit.access_patient rename to access_former_patient;
alter index audit.access_glass rename to access_former_glass;
alter index audit.access_in_order rename to access_former_in_order;
drop policy if exists clinic_reads on audit.access_former;
drop policy if exists clinic_writes on audit.access_former;
drop policy if exists region_writes on audit.access_former;
drop policy if exists monitor_reads on audit.access_former;
drop policy if exists granted_trail on audit.access_former;
revoke all on audit.access_former from trustmed_clinic, trustmed_region, trustmed_monitor;

create table audit.access (
    id uuid not null default uuidv7(),
    at timestamptz not null default clock_timestamp(),
    organization_id integer,          -- whose staff acts; null for a citizen or the region's staff
    actor text not null,              -- account or client
    actor_name text not null,
    channel text not null constraint access_channel_check check (channel in ('site', 'portal', 'region')),
    action text not null constraint access_action_check check (action ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'),   -- subject:object:action
    ground text not null constraint access_ground_check check (ground in ('own', 'treatment', 'consent', 'break_glass', 'service')),
    ground_detail text,
    person_id uuid,
    patient_id uuid,
    document_id uuid,
    outcome text not null default 'granted' constraint access_outcome_check check (outcome in ('granted', 'refused', 'not_found')),
    transaction xid8 not null default pg_current_xact_id(),
    shown uuid[],                     -- patients of a list, in its order
    history smallint not null default 1,
    primary key (id, at)
) partition by range (at);
create index access_person on audit.access (person_id, at) where person_id is not null;
create index access_patient on audit.access (organization_id, patient_id, at) where patient_id is not null;
create index access_glass on audit.access (organization_id, at desc, id desc)
    where ground = 'break_glass' and outcome = 'granted';
create index access_in_order on audit.access (history, transaction, id);
create index access_shown on audit.access using gin (shown) where shown is not null;

alter table audit.access enable row level security;
create policy clinic_reads on audit.access for select to trustmed_clinic
    using (organization_id = trustmed.organization_id());
create policy clinic_writes on audit.access for insert to trustmed_clinic
    with check (organization_id = trustmed.organization_id() and channel = 'site');
create policy region_writes on audit.access for insert to trustmed_region
    with check (channel in ('portal', 'region'));
create policy granted_trail on audit.access for select to trustmed_region
    using (outcome = 'granted' and person_id = (select audit.granted_trail()));
create policy monitor_reads on audit.access for select to trustmed_monitor using (true);
create policy auditor_reads on audit.access for select to trustmed_auditor using (true);
grant usage on schema audit to trustmed_auditor;
grant select on audit.access to trustmed_clinic, trustmed_monitor, trustmed_auditor;
grant select (
    id, at, organization_id, actor_name, channel, action, ground, ground_detail, person_id, document_id, outcome
) on audit.access to trustmed_region;
grant insert (
    id, organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, patient_id, document_id,
    outcome, shown
) on audit.access to trustmed_clinic, trustmed_region;

-- The parts of the next months, made ahead. The part `access_rest` only takes rows of a month that has none; they move
-- into the month's own part once it is made.
create table audit.access_rest partition of audit.access default;

create function audit.make_months(ahead integer default 2) returns void
language plpgsql security definer set search_path = ''
as $$
declare
    first_free date := coalesce((
        select max(to_date(substring(c.relname from '^access_until_(\d{4}_\d{2})$'), 'YYYY_MM'))
        from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit.access'::regclass
    ), '-infinity');
    this_month date := date_trunc('month', now() at time zone 'UTC');
    month date;
    name text;
begin
    for step in 0..least(greatest(ahead, 0), 24) loop
        month := this_month + make_interval(months => step);
        name := 'access_' || to_char(month, 'YYYY_MM');
        continue when month < first_free or to_regclass('audit.' || name) is not null;
        execute format('create table audit.%I (like audit.access including defaults including constraints)', name);
        execute format('alter table audit.%I enable row level security', name);
        execute format(
            'with moved as (delete from audit.access_rest where at >= %1$L and at < %2$L returning *)'
            ' insert into audit.%3$I select * from moved',
            month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC', name
        );
        execute format(
            'alter table audit.access attach partition audit.%I for values from (%L) to (%L)',
            name, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC'
        );
    end loop;
end
$$;
revoke execute on function audit.make_months from public;
grant execute on function audit.make_months to trustmed_clinic, trustmed_region, trustmed_auditor;

do $$
declare
    bound date := date_trunc('month', now() at time zone 'UTC') + interval '2 months';
    told boolean := exists (select from pg_trigger where tgrelid = 'audit.access_former'::regclass and tgname = 'told');
begin
    -- The month may have turned since the rows were checked: the part ends where they were checked to end.
    select to_date(substring(pg_get_constraintdef(oid) from '\d{4}-\d{2}-\d{2}'), 'YYYY-MM-DD') into bound
    from pg_constraint where conrelid = 'audit.access_former'::regclass and conname = 'access_before_months';
    if exists (select from audit.access_former) then
        if told then
            drop trigger told on audit.access_former;
        end if;
        execute format(
            'alter table audit.access attach partition audit.access_former for values from (minvalue) to (%L)',
            bound::timestamp at time zone 'UTC'
        );
        alter table audit.access_former drop constraint access_before_months;
        execute format('alter table audit.access_former rename to %I', 'access_until_' || to_char(bound, 'YYYY_MM'));
    end if;
    if told then
        create trigger told after insert on audit.access for each row
            when (new.channel = 'site' and new.outcome = 'granted' and new.patient_id is not null
                and new.organization_id is not null)
            execute function audit.tell();
    end if;
end
$$;

-- A row of this very transaction is never older than the transaction. The bounds keep the look-up to one part or two.
create or replace function audit.granted_person() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and at >= now() - interval '1 day' and at < now() + interval '1 day'
      and outcome = 'granted';
end;

create or replace function audit.granted_index() returns boolean
language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from audit.access
        where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
          and transaction = pg_current_xact_id_if_assigned()
          and at >= now() - interval '1 day' and at < now() + interval '1 day'
          and action like 'mpi:index:%' and ground = 'service' and outcome = 'granted'
    );
end;

create or replace function audit.granted_trail() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and at >= now() - interval '1 day' and at < now() + interval '1 day'
      and outcome = 'granted' and (ground = 'own' or action = 'audit:trail:read');
end;

create or replace function audit.granted_glass() returns uuid
language sql stable security definer set search_path = ''
begin atomic
    select person_id from audit.access
    where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
      and transaction = pg_current_xact_id_if_assigned()
      and at >= now() - interval '1 day' and at < now() + interval '1 day'
      and outcome = 'granted' and ground = 'break_glass';
end;

-- At a database that sells slots the function exists already, and is bound to the table by its former name.
do $$
begin
    if to_regprocedure('audit.granted_booking()') is not null then
        create or replace function audit.granted_booking() returns boolean
        language sql stable security definer set search_path = ''
        begin atomic
            select exists (
                select from audit.access
                where id = nullif(current_setting('trustmed.access_id', true), '')::uuid
                  and transaction = pg_current_xact_id_if_assigned()
                  and at >= now() - interval '1 day' and at < now() + interval '1 day'
                  and action like 'booking:%' and outcome = 'granted'
            );
        end;
    end if;
    if not exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                   where i.inhparent = 'audit.access'::regclass and c.relname like 'access\_until\_%') then
        drop table audit.access_former;
    end if;
end
$$;
select audit.make_months();
