-- Accounts of the region's staff and client systems are made and changed by these functions alone: they check what a
-- database can know, and each leaves its row in the audit trail. `by_account`: who does it, an enabled engineer, except
-- where a command does (trustmed_keeper, null); `by_name`: how the trail names whoever runs a command. Wrong input is
-- SQLSTATE 22023, a missing right 42501; a result of null or false: nothing of the kind exists (or the name is taken),
-- nothing was done.

grant usage on schema access to trustmed_keeper, trustmed_auditor;

-- How the trail names who keeps accounts and clients. Raises insufficient_privilege.
create function access.keeper_name(by_account uuid, by_name text) returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
    found_name text;
begin
    if session_user <> 'trustmed_region' and by_account is null then
        return coalesce(nullif(trim(by_name), ''), session_user);
    end if;
    select name into found_name from access.account
    where id = by_account and role = 'engineer' and disabled_at is null;
    if found_name is null then
        raise insufficient_privilege using message = 'only an enabled engineer keeps accounts and clients';
    end if;
    return found_name;
end
$$;

-- Raise invalid_parameter_value unless this is an argon2id hash that is dear enough to guess.
create function access.check_hash(password_hash text) returns void
language plpgsql immutable set search_path = ''
as $$
begin
    if password_hash is null
        or password_hash !~ '^\$argon2id\$v=19\$m=[0-9]{4,8},t=[0-9]{1,3},p=[0-9]{1,3}\$[A-Za-z0-9+/]{16,}\$[A-Za-z0-9+/]{22,}$'
        or substring(password_hash from 'm=([0-9]+)')::integer < 19456
    then
        raise invalid_parameter_value using message = 'not an argon2id hash with 19 MiB of memory or more';
    end if;
end
$$;

-- Raise invalid_parameter_value unless this is the SHA-256 of a token, in hex.
create function access.check_token(token_sha256 text) returns void
language plpgsql immutable set search_path = ''
as $$
begin
    if token_sha256 is null or token_sha256 !~ '^[0-9a-f]{64}$' then
        raise invalid_parameter_value using message = 'not the SHA-256 of a token in hex';
    end if;
end
$$;

create function access.note_keeping(by_account uuid, by_name text, of_action text, of_detail text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (coalesce(by_account::text, 'command'), by_name, 'region', of_action, 'service', of_detail);
end
$$;

-- A new account; returns its id, null if the login is taken.
create function access.add_account(
    by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text default 'ru'
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    new_account uuid;
begin
    perform access.check_hash(new_hash);
    insert into access.account (login, password_hash, name, role, language)
    values (lower(new_login), new_hash, new_name, new_role, new_language)
    on conflict (login) do nothing
    returning id into new_account;
    if new_account is not null then
        perform access.note_keeping(by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    end if;
    return new_account;
end
$$;

-- Nobody changes the own role.
create function access.set_account_role(by_account uuid, by_name text, of_account uuid, new_role text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    former record;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody changes the own role';
    end if;
    select login, role into former from access.account where id = of_account for update;
    if not found then
        return false;
    end if;
    update access.account set role = new_role where id = of_account;
    perform access.note_keeping(
        by_account, keeper, 'account:role:change', format('%s: %s → %s', former.login, former.role, new_role)
    );
    return true;
end
$$;

-- Nobody disables the own account; who is disabled stays so until enabled, and keeps the first moment.
create function access.set_account_disabled(by_account uuid, by_name text, of_account uuid, is_disabled boolean)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody disables or enables the own account';
    end if;
    update access.account
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, case when is_disabled then 'account:card:disable' else 'account:card:enable' end, its_login
    );
    return true;
end
$$;

-- A new password: one's own, or another's by an engineer.
create function access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text;
    its_login text;
begin
    perform access.check_hash(new_hash);
    if of_account = by_account then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name);
    end if;
    update access.account set password_hash = new_hash where id = of_account returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;

-- A new client system; returns its id, null if the name is taken.
create function access.add_client(
    by_account uuid, by_name text, new_name text, new_token_sha256 text, new_scopes text[], new_rate integer default 100,
    new_organizations integer[] default null
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    new_client uuid;
begin
    perform access.check_token(new_token_sha256);
    insert into access.client (name, token_sha256, scopes, requests_per_second, organizations)
    values (new_name, new_token_sha256, new_scopes, new_rate, new_organizations)
    on conflict (name) do nothing
    returning id into new_client;
    if new_client is not null then
        perform access.note_keeping(
            by_account, keeper, 'client:card:create', format('%s: %s', new_name, array_to_string(new_scopes, ', '))
        );
    end if;
    return new_client;
end
$$;

-- The former token opens nothing from now on.
create function access.rotate_client(by_account uuid, by_name text, of_client uuid, new_token_sha256 text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    perform access.check_token(new_token_sha256);
    update access.client set token_sha256 = new_token_sha256 where id = of_client returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'client:token:rotate', its_name);
    return true;
end
$$;

create function access.set_client_disabled(by_account uuid, by_name text, of_client uuid, is_disabled boolean)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    update access.client
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, case when is_disabled then 'client:card:disable' else 'client:card:enable' end, its_name
    );
    return true;
end
$$;

revoke execute on function access.keeper_name, access.check_hash, access.check_token, access.note_keeping,
    access.add_account, access.set_account_role, access.set_account_disabled, access.set_password, access.add_client,
    access.rotate_client, access.set_client_disabled from public;
grant execute on function access.add_account, access.set_account_role, access.set_account_disabled, access.set_password,
    access.add_client, access.rotate_client, access.set_client_disabled to trustmed_region, trustmed_keeper;

-- Commands list accounts and clients and name them; hashes are not theirs to read.
grant select (id, login, name, role, language, disabled_at) on access.account to trustmed_keeper;
grant select (id, name, scopes, requests_per_second, organizations, disabled_at) on access.client to trustmed_keeper;
