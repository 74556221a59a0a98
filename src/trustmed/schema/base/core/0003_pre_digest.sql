-- The monitor compares rows at both ends of a link by their digests and needs to read none of them.

-- How many rows of a table have a key between two, and the sum of their hashes, which does not depend on their order.
-- `of_organizations`: of these only (null: all). Rows that a repair set aside from `of_link` for `reason` are left out.
create function replication.digest(
    of_table text, of_columns text[], by_key text, first_key uuid, before_key uuid, of_organizations integer[],
    of_link text, for_reason text, primary_key text[], out rows bigint, out hashes numeric
)
language plpgsql stable security definer set search_path = ''
as $$
begin
    execute format(
        'select count(*), coalesce(sum(hash_record_extended(row(%s), 0)), 0) from %s t where %I >= $1 and %I < $2 and %s'
        ' and not exists (select from replication.quarantine q'
        ' where q.link = $4 and q.relation = $5 and q.reason = $6 and %s)',
        (select string_agg(format('t.%I', name), ', ') from unnest(of_columns) name), of_table::regclass, by_key, by_key,
        case when of_organizations is null then 'true' else 't.organization_id = any ($3)' end,
        (select string_agg(format('q.content ->> %L = t.%I::text', name, name), ' and ') from unnest(primary_key) name)
    ) using first_key, before_key, of_organizations, of_link, of_table, for_reason into rows, hashes;
end
$$;
revoke execute on function replication.digest from public;
grant execute on function replication.digest to trustmed_monitor;

-- Take from the monitor the right to read the tables of a schema; what it needs of them it is given by name afterwards.
create procedure trustmed.close_to_monitor(of_schema text)
language plpgsql set search_path = ''
as $$
declare
    one record;
begin
    for one in
        select c.oid::regclass as name, exists (
            select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polname = 'monitor_reads'
        ) as has_policy
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = of_schema and c.relkind in ('r', 'p', 'v') and not c.relispartition
    loop
        execute format('revoke all on %s from trustmed_monitor', one.name);
        if one.has_policy then
            execute format('drop policy monitor_reads on %s', one.name);
        end if;
    end loop;
end
$$;
revoke execute on procedure trustmed.close_to_monitor from public;
