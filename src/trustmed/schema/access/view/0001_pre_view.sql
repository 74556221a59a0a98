-- One-time addresses of pages for citizens, and the short sessions that opening them begins. Who serves requests reads
-- neither: an address is opened, and a session found, by knowing its secret.

create table access.view (
    token_sha256 text primary key,     -- hex; the token itself is kept nowhere
    person_id uuid not null,
    client text not null,              -- the system that asked for it
    client_name text not null,
    page text not null check (page in ('accesses')),
    language text not null check (language in ('ru', 'en')),
    expires_at timestamptz not null default clock_timestamp() + interval '5 minutes',
    opened_at timestamptz,
    session_sha256 text unique,        -- hex, of the cookie's value
    session_until timestamptz
);
create index view_expiry on access.view (expires_at);
alter table access.view enable row level security;

-- A new address; returns when it expires. Null: this transaction did not record that the person's own trail is read.
create function access.make_view(
    of_person uuid, with_token_sha256 text, by_client text, by_client_name text, of_page text, in_language text
) returns timestamptz
language sql security definer set search_path = ''
begin atomic
    delete from access.view where expires_at < clock_timestamp() - interval '1 day';
    insert into access.view (token_sha256, person_id, client, client_name, page, language)
    select with_token_sha256, of_person, by_client, by_client_name, of_page, in_language
    where of_person = audit.granted_trail()
    returning expires_at;
end;

-- The address is opened, once, and a session of 15 minutes begins. No row: unknown, opened before, or expired.
create function access.open_view(of_token_sha256 text, with_session_sha256 text)
returns table (person_id uuid, client text, client_name text, page text, language text, until timestamptz)
language sql security definer set search_path = ''
begin atomic
    update access.view
    set opened_at = clock_timestamp(), session_sha256 = with_session_sha256,
        session_until = clock_timestamp() + interval '15 minutes'
    where token_sha256 = of_token_sha256 and opened_at is null and expires_at > clock_timestamp()
    returning person_id, client, client_name, page, language, session_until;
end;

-- What a session was opened for, while it lasts.
create function access.view_of_session(of_session_sha256 text)
returns table (person_id uuid, client text, client_name text, page text, language text, until timestamptz)
language sql stable security definer set search_path = ''
begin atomic
    select person_id, client, client_name, page, language, session_until from access.view
    where session_sha256 = of_session_sha256 and session_until > clock_timestamp();
end;

revoke execute on function access.make_view, access.open_view, access.view_of_session from public;
grant execute on function access.make_view, access.open_view, access.view_of_session to trustmed_region;
