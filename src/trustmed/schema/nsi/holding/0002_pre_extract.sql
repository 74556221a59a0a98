-- At the region only. An extract (the built-in handful of a version's rows) may be completed by the whole version;
-- rows of a whole version are never deleted.

alter table nsi.version add constraint version_numbers check (version ~ '^\d{1,9}(\.\d{1,9})*$');

create function nsi.drop_extract(oid_wanted text, version_wanted text) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    begin atomic
        delete from nsi.entry e
        using nsi.version v
        where v.oid = oid_wanted and v.version = version_wanted and (v.passport ->> 'extract')::boolean
            and e.oid = v.oid and e.version = v.version;
    end;
revoke execute on function nsi.drop_extract(text, text) from public;
grant execute on function nsi.drop_extract(text, text) to trustmed_region;

create function nsi.only_extracts_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
begin
    if not coalesce((old.passport ->> 'extract')::boolean, false) then
        raise exception 'version % of dictionary % is whole and does not change', old.version, old.oid;
    end if;
    return new;
end
$$;
create trigger only_extracts_change before update on nsi.version
    for each row execute function nsi.only_extracts_change();
grant update on nsi.version to trustmed_region;

-- Rows seeded before versions were kept are such extracts.
insert into nsi.version
    (oid, version, title, rows, key_column, code_column, name_column, passport, digest, source, imported_by)
select e.oid, e.version, d.title, count(*), 'CODE', 'CODE', 'NAME',
    jsonb_build_object(
        'extract', true, 'oid', e.oid, 'version', e.version, 'fullName', d.title,
        'fields', '[{"field": "CODE"}, {"field": "NAME"}]'::jsonb,
        'keys', '[{"field": "CODE", "type": "PRIMARY"}, {"field": "NAME", "type": "VALUE"}]'::jsonb
    ), '', 'before versions were kept', 'trustmed'
from nsi.entry e
join nsi.dictionary d on d.oid = e.oid
group by e.oid, e.version, d.title;
