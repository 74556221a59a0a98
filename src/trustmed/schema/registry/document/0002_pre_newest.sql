-- The newest registrations by the moment of signing: a document's id is given to its draft, which may be days older.

create index document_signed on registry.document (signed_at desc, id desc);
create index document_signed_organization on registry.document (organization_id, signed_at desc, id desc);

create or replace function registry.newest(how_many integer)
returns table (organization_id integer, id uuid, kind text, title text, signed_at timestamptz, size_bytes integer, sha256 bytea)
language sql stable security definer set search_path = ''
begin atomic
    select d.organization_id, d.id, d.kind, d.title, d.signed_at, d.size_bytes, d.sha256
    from registry.document d order by d.signed_at desc, d.id desc limit least(how_many, 200);
end;

create function registry.newest_of(of_organization integer, how_many integer)
returns table (organization_id integer, id uuid, kind text, title text, signed_at timestamptz, size_bytes integer, sha256 bytea)
language sql stable security definer set search_path = ''
begin atomic
    select d.organization_id, d.id, d.kind, d.title, d.signed_at, d.size_bytes, d.sha256
    from registry.document d where d.organization_id = of_organization
    order by d.signed_at desc, d.id desc limit least(how_many, 200);
end;
revoke execute on function registry.newest_of from public;
grant execute on function registry.newest_of to trustmed_region;

-- About how many documents are registered: statistics, so that a scrape costs nothing.
create function registry.about_how_many() returns bigint
language sql stable security definer set search_path = ''
begin atomic
    select coalesce(sum(greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid), 0)), 0)::bigint
    from pg_catalog.pg_class c join pg_catalog.pg_inherits i on i.inhrelid = c.oid
    where i.inhparent = 'registry.document'::regclass;
end;
revoke execute on function registry.about_how_many from public;
grant execute on function registry.about_how_many to trustmed_region;

drop index registry.document_newest;
