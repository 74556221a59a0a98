-- name: carry
-- Put a list where it travels to the sites; an older or equal one replaces nothing.
insert into trust.revocation_list as known (issuer, name, number, this_update, next_update, sha256, content)
values (%(issuer)s, %(name)s, %(number)s, %(this_update)s, %(next_update)s, %(sha256)s, %(content)s)
on conflict (issuer) do update set
    name = excluded.name, number = excluded.number, this_update = excluded.this_update,
    next_update = excluded.next_update, sha256 = excluded.sha256, content = excluded.content,
    carried_at = clock_timestamp()
where known.this_update < excluded.this_update
  and (known.number is null or excluded.number is null or known.number < excluded.number)
returning issuer;
