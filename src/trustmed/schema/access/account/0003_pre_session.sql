-- A session belongs to an account, and whoever acts in it is what the account is now, not what it was at sign-in.

alter table access.account
    add column is_password_temporary boolean not null default false;  -- somebody else chose it: changed before all else

-- The body named the columns that the table had, and a function that returns rows of the table must return them all.
create or replace function access.account_for_login(of_login text) returns setof access.account
language sql stable security definer set search_path = ''
begin atomic
    select * from access.account where login = lower(of_login) and disabled_at is null;
end;

alter table access.session
    add column account_id uuid,            -- null: opened by a program older than this column; `content` names it
    add column organization_id integer,
    add column opened_at timestamptz not null default now(),
    add column seen_at timestamptz not null default now(),   -- to ten minutes
    add column device text,                -- in words: "Firefox, Windows"
    add column network text;               -- the address it was opened from
create index session_account on access.session (account_id);

-- A session with its account as it is now. The organisation is known only afterwards, hence a function and not a policy.
create function access.session_with_account(of_id text) returns table (
    content bytea, expires_at timestamptz, opened_at timestamptz, account_id uuid, organization_id integer,
    login text, name text, role text, language text, employee_id uuid, is_disabled boolean,
    is_password_temporary boolean, has_factor boolean
)
language sql stable security definer set search_path = ''
begin atomic
    select s.content, s.expires_at, s.opened_at, s.account_id, s.organization_id,
        a.login, concat_ws(' ', e.surname, e.given_name, e.patronymic), a.role, a.language, a.employee_id,
        a.disabled_at is not null, a.is_password_temporary, false
    from access.session s
    left join access.account a on a.organization_id = s.organization_id and a.id = s.account_id
    left join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id
    where s.id = of_id and s.expires_at > now();
end;
revoke execute on function access.session_with_account from public;
grant execute on function access.session_with_account to trustmed_clinic;

-- Accounts with the names of their owners, under the policies of whoever asks.
create view access.staff with (security_invoker = true) as
select a.organization_id, a.id, a.login, concat_ws(' ', e.surname, e.given_name, e.patronymic) as name, a.role,
    a.language, a.disabled_at, a.is_password_temporary, false as has_factor
from access.account a
left join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id;
grant select (is_password_temporary) on access.account to trustmed_keeper;
grant select on access.staff to trustmed_clinic, trustmed_keeper;
grant select (id, account_id, organization_id, opened_at, seen_at, expires_at, device, network) on access.session
    to trustmed_keeper;

-- As before, and its owner changes a password that somebody else chose before doing anything else.
create or replace function access.add_account(
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
    insert into access.account (organization_id, login, password_hash, role, employee_id, is_password_temporary)
    values (of_organization, lower(new_login), new_hash, new_role, new_employee, true)
    returning id into new_account;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    return new_account;
end
$$;

create or replace function access.set_password(
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
    update access.account set password_hash = new_hash, is_password_temporary = of_account is distinct from by_account
    where organization_id = of_organization and id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(of_organization, by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;

-- Ends an account's sessions, all but `except_id`: one's own, or another's by a keeper. Returns their ids.
create function access.end_sessions(
    by_account uuid, by_name text, of_organization integer, of_account uuid, except_id text default null
) returns setof text
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text;
    ended text[];
begin
    if of_account = by_account and of_organization = trustmed.organization_id() then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name, of_organization);
    end if;
    with gone as (
        delete from access.session
        where account_id = of_account and organization_id = of_organization and id is distinct from except_id
        returning id
    )
    select array_agg(id) into ended from gone;
    if ended is not null then
        perform access.note_keeping(
            of_organization, by_account, keeper, 'account:session:end', format(
                '%s: %s',
                (select login from access.account where organization_id = of_organization and id = of_account),
                cardinality(ended)
            )
        );
    end if;
    return query select unnest(ended);
end
$$;
revoke execute on function access.end_sessions from public;
grant execute on function access.end_sessions to trustmed_clinic, trustmed_keeper;
