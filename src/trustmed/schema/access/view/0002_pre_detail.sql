-- A page that was opened for a citizen says in the audit log whose account asked for it.

alter table access.view add column detail text;

create function access.make_view(
    of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text,
    with_detail text
) returns timestamptz
language sql security definer set search_path = ''
begin atomic
    delete from access.view where expires_at < clock_timestamp() - interval '1 day';
    insert into access.view (token_sha256, person_id, client, client_name, page, language, detail)
    select with_token_sha256, of_person, by_client, by_client_name, of_page, in_language, with_detail
    where of_person = audit.granted_trail()
    returning expires_at;
end;

-- The account that asked for the page of this session, while it lasts.
create function access.detail_of_session(of_session_sha256 text) returns text
language sql stable security definer set search_path = ''
begin atomic
    select detail from access.view where session_sha256 = of_session_sha256 and session_until > clock_timestamp();
end;

revoke execute on function access.make_view(uuid, text, text, text, text, text, text), access.detail_of_session from public;
grant execute on function access.make_view(uuid, text, text, text, text, text, text), access.detail_of_session
    to trustmed_region;
