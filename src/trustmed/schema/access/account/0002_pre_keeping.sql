-- Accounts are made and changed by these functions alone: they check what a database can know, and each leaves its row
-- in the audit trail. `by_account`: who does it, an enabled head of the same organisation, except where a command does
-- (trustmed_keeper, null); `by_name`: how the trail names whoever runs a command. Wrong input is SQLSTATE 22023, a
-- missing right 42501; a result of null or false: nothing of the kind exists (or the login is taken), nothing was done.

grant usage on schema access to trustmed_keeper, trustmed_auditor;

-- How the trail names who keeps the accounts of an organisation. Raises insufficient_privilege.
create function access.keeper_name(by_account uuid, by_name text, of_organization integer) returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
    found_name text;
begin
    if session_user = 'trustmed_clinic' then
        if of_organization is distinct from trustmed.organization_id() then
            raise insufficient_privilege using message = 'accounts of another organisation';
        end if;
    elsif by_account is null then
        return coalesce(nullif(trim(by_name), ''), session_user);
    end if;
    select concat_ws(' ', e.surname, e.given_name, e.patronymic) into found_name
    from access.account a
    join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id
    where a.organization_id = of_organization and a.id = by_account and a.role = 'head' and a.disabled_at is null;
    if found_name is null then
        raise insufficient_privilege using message = 'only an enabled head of the organisation keeps its accounts';
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

create function access.note_keeping(
    of_organization integer, by_account uuid, by_name text, of_action text, of_detail text
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
    insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail)
    values (of_organization, coalesce(by_account::text, 'command'), by_name, 'site', of_action, 'service', of_detail);
end
$$;

-- A new employee with an account; returns the account's id, null if the login is taken.
create function access.add_account(
    by_account uuid, by_name text, of_organization integer, new_login text, new_hash text, new_role text,
    new_surname text, new_given_name text, new_patronymic text, new_snils text, new_position text
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    new_employee uuid;
    new_account uuid;
begin
    perform access.check_hash(new_hash);
    if exists (select from access.account where login = lower(new_login)) then
        return null;
    end if;
    insert into access.employee (organization_id, surname, given_name, patronymic, snils, position_code)
    values (of_organization, new_surname, new_given_name, new_patronymic, new_snils, new_position)
    returning id into new_employee;
    insert into access.account (organization_id, login, password_hash, role, employee_id)
    values (of_organization, lower(new_login), new_hash, new_role, new_employee)
    returning id into new_account;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    return new_account;
end
$$;

-- Nobody changes the own role.
create function access.set_account_role(
    by_account uuid, by_name text, of_organization integer, of_account uuid, new_role text
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    former record;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody changes the own role';
    end if;
    select login, role into former from access.account
    where organization_id = of_organization and id = of_account for update;
    if not found then
        return false;
    end if;
    update access.account set role = new_role where organization_id = of_organization and id = of_account;
    perform access.note_keeping(
        of_organization, by_account, keeper, 'account:role:change', format('%s: %s → %s', former.login, former.role, new_role)
    );
    return true;
end
$$;

-- Nobody disables the own account; who is disabled stays so until enabled, and keeps the first moment.
create function access.set_account_disabled(
    by_account uuid, by_name text, of_organization integer, of_account uuid, is_disabled boolean
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name, of_organization);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody disables or enables the own account';
    end if;
    update access.account
    set disabled_at = case when is_disabled then coalesce(disabled_at, clock_timestamp()) end
    where organization_id = of_organization and id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        of_organization, by_account, keeper, case when is_disabled then 'account:card:disable' else 'account:card:enable' end, its_login
    );
    return true;
end
$$;

-- A new password: one's own, or another's by the head.
create function access.set_password(
    by_account uuid, by_name text, of_organization integer, of_account uuid, new_hash text
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text;
    its_login text;
begin
    perform access.check_hash(new_hash);
    if of_account = by_account and of_organization = trustmed.organization_id() then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name, of_organization);
    end if;
    update access.account set password_hash = new_hash
    where organization_id = of_organization and id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;

revoke execute on function access.keeper_name, access.check_hash, access.note_keeping, access.add_account,
    access.set_account_role, access.set_account_disabled, access.set_password from public;
grant execute on function access.add_account, access.set_account_role, access.set_account_disabled, access.set_password
    to trustmed_clinic, trustmed_keeper;

-- Commands name an account by its login, and list accounts; the hash is not theirs to read.
create policy keeper_reads on access.account for select to trustmed_keeper using (true);
create policy keeper_reads on access.employee for select to trustmed_keeper using (true);
grant select (organization_id, id, login, role, employee_id, language, disabled_at) on access.account to trustmed_keeper;
grant select on access.employee to trustmed_keeper;
