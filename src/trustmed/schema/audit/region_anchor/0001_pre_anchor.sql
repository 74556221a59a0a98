-- The last seals of the audit trails of all the region's databases, gathered in that of the index and carried to every
-- site: a chain that was made anew at the region does not fit what the sites were told before.

create table audit.region_anchor (
    id uuid primary key default uuidv7(),
    origin text not null,                    -- the database, as the topology labels it
    number bigint not null,
    token uuid not null,
    hash bytea not null,
    last_at timestamptz not null,
    at timestamptz not null default clock_timestamp()
);
create index region_anchor_newest on audit.region_anchor (origin, id desc);
alter table audit.region_anchor enable row level security;
create policy feed_reads on audit.region_anchor for select to trustmed_feed using (true);
grant usage on schema audit to trustmed_feed, trustmed_link;
grant select on audit.region_anchor to trustmed_feed, trustmed_link;

-- Hand over the head of a chain, unless that was the last handed over.
create function audit.hand_over_at_region(
    of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamptz
) returns void
language sql security definer set search_path = ''
begin atomic
    insert into audit.region_anchor (origin, number, token, hash, last_at)
    select of_origin, of_number, of_token, of_hash, of_last_at
    where of_hash is distinct from (
        select a.hash from audit.region_anchor a where a.origin = of_origin order by a.id desc limit 1
    );
end;
revoke execute on function audit.hand_over_at_region from public;
grant execute on function audit.hand_over_at_region to trustmed_region;

create function audit.keep_region_anchor() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    insert into audit.kept_anchor (id, origin, number, token, hash, last_at, at)
    values (new.id, new.origin, new.number, new.token, new.hash, new.last_at, new.at)
    on conflict do nothing;
    return null;
end
$$;
create trigger kept after insert on audit.region_anchor for each row execute function audit.keep_region_anchor();
alter table audit.region_anchor enable replica trigger kept;   -- where rows arrive, not where they are made
