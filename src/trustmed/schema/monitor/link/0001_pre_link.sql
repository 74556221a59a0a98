-- The newest known state of every link, as the region's monitor saw it; the region's page reads it here.

create schema monitor;
grant usage on schema monitor to trustmed_region, trustmed_monitor;

create table monitor.link_state (
    link text primary key,
    source text not null,
    target text not null,
    site text,
    state text not null check (state in ('streaming', 'catching_up', 'copying', 'broken', 'unreachable', 'paused')),
    lag_ms double precision,
    lag_bytes bigint,
    lag_rows bigint,
    cause text,                -- machine name of what is wrong
    error_ru text,
    error_en text,
    action_ru text,
    action_en text,
    since timestamptz not null default clock_timestamp(),   -- since when it is in this state
    checked_at timestamptz not null default clock_timestamp()
);

grant select on monitor.link_state to trustmed_region;
grant select, insert, update, delete on monitor.link_state to trustmed_monitor;
