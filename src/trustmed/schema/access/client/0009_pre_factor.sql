-- The second factor of the region's staff. Only a live session sets one, for its own account; a keeper resets it.

-- `of_session`: the id of the session (never its token). Replaces the former factor and recovery codes.
create function access.set_factor(of_session text, new_factor bytea, first_step bigint, new_recovery text[]) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    owner record;
begin
    select a.id, a.name, a.login into owner
    from access.session s join access.account a on a.id = s.account_id
    where s.id = of_session and s.expires_at > now() and a.disabled_at is null
    for update of a;
    if not found then
        return false;
    end if;
    update access.account set factor = new_factor, factor_step = first_step, recovery_sha256 = new_recovery
    where id = owner.id;
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (owner.id::text, owner.name, 'region', 'account:factor:create', 'own', owner.login);
    return true;
end
$$;

-- Whether a code of this step may be taken: one after that of the last code.
create function access.take_factor_step(of_account uuid, new_step bigint) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
    update access.account set factor_step = new_step
    where id = of_account and factor is not null and disabled_at is null and (factor_step is null or factor_step < new_step);
    return found;
end
$$;

-- Whether it is a recovery code of the account that was not used yet; it is now.
create function access.take_recovery_code(of_account uuid, code_sha256 text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    owner record;
begin
    update access.account set recovery_sha256 = array_remove(recovery_sha256, code_sha256)
    where id = of_account and disabled_at is null and code_sha256 = any (recovery_sha256)
    returning id, name, cardinality(recovery_sha256) as left_over into owner;
    if not found then
        return false;
    end if;
    insert into audit.access (actor, actor_name, channel, action, ground, ground_detail)
    values (owner.id::text, owner.name, 'region', 'account:recovery:use', 'own', format('left: %s', owner.left_over));
    return true;
end
$$;

create function access.reset_factor(by_account uuid, by_name text, of_account uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    keeper text := access.keeper_name(by_account, by_name);
    its_login text;
begin
    if of_account = by_account then
        raise insufficient_privilege using message = 'nobody resets the own second factor';
    end if;
    update access.account set factor = null, factor_step = null, recovery_sha256 = '{}'
    where id = of_account
    returning login into its_login;
    if not found then
        return false;
    end if;
    perform access.note_keeping(by_account, keeper, 'account:factor:reset', its_login);
    return true;
end
$$;

revoke execute on function access.set_factor, access.take_factor_step, access.take_recovery_code, access.reset_factor
    from public;
grant execute on function access.set_factor, access.take_factor_step, access.take_recovery_code, access.reset_factor
    to trustmed_region;
grant execute on function access.reset_factor to trustmed_keeper;
