-- A session belongs to an account, and whoever acts in it is what the account is now, not what it was at sign-in.

alter table access.account
    add column is_password_temporary boolean not null default false,  -- somebody else chose it: changed before all else
    add column factor bytea,               -- TOTP secret (RFC 6238), sealed by a secret of the deployment
    add column factor_step bigint,         -- of the last code that was taken: none is taken twice
    add column recovery_sha256 text[] not null default '{}',          -- hex, of recovery codes not used yet
    add column has_factor boolean generated always as (factor is not null) stored;

alter table access.session
    add column account_id uuid,            -- null: opened by a program older than this column; `content` names it
    add column organization_id integer,    -- always null at the region: one store serves both
    add column opened_at timestamptz not null default now(),
    add column seen_at timestamptz not null default now(),   -- to ten minutes
    add column device text,                -- in words: "Firefox, Windows"
    add column network text;               -- the address it was opened from
create index session_account on access.session (account_id);

-- A session with its account as it is now.
create function access.session_with_account(of_id text) returns table (
    content bytea, expires_at timestamptz, opened_at timestamptz, account_id uuid, organization_id integer,
    login text, name text, role text, language text, employee_id uuid, is_disabled boolean,
    is_password_temporary boolean, has_factor boolean
)
language sql stable security definer set search_path = ''
begin atomic
    select s.content, s.expires_at, s.opened_at, s.account_id, s.organization_id,
        a.login, a.name, a.role, a.language, null::uuid, a.disabled_at is not null, a.is_password_temporary, a.has_factor
    from access.session s left join access.account a on a.id = s.account_id
    where s.id = of_id and s.expires_at > now();
end;
revoke execute on function access.session_with_account from public;
grant execute on function access.session_with_account to trustmed_region;

-- Accounts as a site's view of the same name shows them.
create view access.staff with (security_invoker = true) as
select null::integer as organization_id, a.id, a.login, a.name, a.role, a.language, a.disabled_at,
    a.is_password_temporary, a.has_factor
from access.account a;
grant select (is_password_temporary, has_factor) on access.account to trustmed_keeper;
grant select on access.staff to trustmed_region, trustmed_keeper;
grant select (id, account_id, organization_id, opened_at, seen_at, expires_at, device, network) on access.session
    to trustmed_keeper;

-- As before, and its owner changes a password that somebody else chose before doing anything else.
create or replace function access.add_account(
    by_account uuid, by_name text, new_login text, new_hash text, new_name text, new_role text, new_language text default 'ru'
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    new_account uuid;
begin
    perform access.check_hash(new_hash);
    insert into access.account (login, password_hash, name, role, language, is_password_temporary)
    values (lower(new_login), new_hash, new_name, new_role, new_language, true)
    on conflict (login) do nothing
    returning id into new_account;
    if new_account is not null then
        perform access.note_keeping(by_account, keeper, 'account:card:create', lower(new_login) || ': ' || new_role);
    end if;
    return new_account;
end
$$;

create or replace function access.set_password(by_account uuid, by_name text, of_account uuid, new_hash text) returns boolean
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
    update access.account set password_hash = new_hash, is_password_temporary = of_account is distinct from by_account
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'account:password:change', its_login);
    return true;
end
$$;

-- Ends an account's sessions, all but `except_id`: one's own, or another's by a keeper. Returns their ids.
create function access.end_sessions(by_account uuid, by_name text, of_account uuid, except_id text default null)
returns setof text
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text;
    ended text[];
begin
    if of_account = by_account then
        keeper := coalesce(nullif(trim(by_name), ''), 'the account itself');
    else
        keeper := access.keeper_name(by_account, by_name);
    end if;
    with gone as (
        delete from access.session where account_id = of_account and id is distinct from except_id returning id
    )
    select array_agg(id) into ended from gone;
    if ended is not null then
        perform access.note_keeping(
            by_account, keeper, 'account:session:end',
            format('%s: %s', (select login from access.account where id = of_account), cardinality(ended))
        );
    end if;
    return query select unnest(ended);
end
$$;

-- Whether no other enabled account has its role. Locks those that have, so that of two acts at once the later one sees
-- what the earlier one did.
create function access.is_last_of_role(of_account uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    its_role text;
begin
    select role into its_role from access.account where id = of_account and disabled_at is null;
    perform from access.account where role = its_role and disabled_at is null order by id for update;
    return its_role is not null and not exists (
        select from access.account where role = its_role and disabled_at is null and id <> of_account
    );
end
$$;

revoke execute on function access.end_sessions, access.is_last_of_role from public;
grant execute on function access.end_sessions, access.is_last_of_role to trustmed_region, trustmed_keeper;

-- A client's former token may go on opening for a while after a new one was made, so that nobody is cut off meanwhile.
alter table access.client
    add column former_token_sha256 text unique,
    add column former_until timestamptz;
drop function access.rotate_client(uuid, text, uuid, text);
create function access.rotate_client(
    by_account uuid, by_name text, of_client uuid, new_token_sha256 text, overlap interval default '0'
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_name text;
begin
    perform access.check_token(new_token_sha256);
    if overlap not between '0' and '1 day' then
        raise invalid_parameter_value using message = 'a former token opens for a day at most';
    end if;
    update access.client
    set token_sha256 = new_token_sha256,
        former_token_sha256 = case when overlap > '0' then token_sha256 end,
        former_until = case when overlap > '0' then clock_timestamp() + overlap end
    where id = of_client
    returning name into its_name;
    if not found then
        return false;
    end if;
    perform access.note_keeping(
        by_account, keeper, 'client:token:rotate', its_name || case when overlap > '0' then format(', %s', overlap) else '' end
    );
    return true;
end
$$;
revoke execute on function access.rotate_client from public;
grant execute on function access.rotate_client to trustmed_region, trustmed_keeper;
