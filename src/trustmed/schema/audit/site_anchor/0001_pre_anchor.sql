-- The last seals of a site's audit trails, carried to the site's shard of the record: a chain that was made anew at the
-- site does not fit what the region was told before.

create table audit.site_anchor (
    organization_id integer not null,        -- the site's first organisation: a site's rows are told by it
    id uuid not null default uuidv7(),
    origin text not null,                    -- the database, as the topology labels it
    number bigint not null,
    token uuid not null,
    hash bytea not null,
    last_at timestamptz not null,
    at timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create index site_anchor_newest on audit.site_anchor (origin, id desc);
alter table audit.site_anchor enable row level security;
create policy feed_reads on audit.site_anchor for select to trustmed_feed using (true);
grant usage on schema audit to trustmed_feed, trustmed_link;
grant select on audit.site_anchor to trustmed_feed, trustmed_link;

-- Hand over the head of a chain, unless that was the last handed over.
create function audit.hand_over(
    of_organization integer, of_origin text, of_number bigint, of_token uuid, of_hash bytea, of_last_at timestamptz
) returns void
language sql security definer set search_path = ''
begin atomic
    insert into audit.site_anchor (organization_id, origin, number, token, hash, last_at)
    select of_organization, of_origin, of_number, of_token, of_hash, of_last_at
    where of_hash is distinct from (
        select a.hash from audit.site_anchor a where a.origin = of_origin order by a.id desc limit 1
    );
end;
revoke execute on function audit.hand_over from public;
grant execute on function audit.hand_over to trustmed_clinic;

create function audit.keep_site_anchor() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    insert into audit.kept_anchor (id, origin, number, token, hash, last_at, at)
    values (new.id, new.origin, new.number, new.token, new.hash, new.last_at, new.at)
    on conflict do nothing;
    return null;
end
$$;
create trigger kept after insert on audit.site_anchor for each row execute function audit.keep_site_anchor();
alter table audit.site_anchor enable replica trigger kept;   -- where rows arrive, not where they are made
