-- What binds citizens' tokens to a portal: its client_id at the provider, and the thumbprint (RFC 7638) of its own key.

alter table access.client add column audience text;
alter table access.client add column key_thumbprint text check (key_thumbprint ~ '^[A-Za-z0-9_-]{43}$');
grant select (audience, key_thumbprint) on access.client to trustmed_keeper;

-- The key by which a portal proves its requests from now on; the former one proves nothing any more.
create function access.bind_portal(
    by_account uuid, by_name text, of_client uuid, new_audience text, new_thumbprint text
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    if coalesce(trim(new_audience), '') = '' or new_thumbprint is null then
        raise invalid_parameter_value using message = 'a portal is bound by its client_id and the thumbprint of its key';
    end if;
    update access.client set audience = new_audience, key_thumbprint = new_thumbprint where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, 'client:key:change', format('%s: %s, %s', its_name, new_audience, new_thumbprint)
    );
    return true;
end
$$;

revoke execute on function access.bind_portal from public;
grant execute on function access.bind_portal to trustmed_region, trustmed_keeper;
