-- Where the change feed of this database stands, and the changes whose effect failed and waits for another try.

create schema feed;
grant usage on schema feed to trustmed_feed, trustmed_region, trustmed_monitor;

create table feed.position (
    consumer text primary key,
    lsn pg_lsn not null,               -- every change committed before it has had its effect
    at timestamptz not null default clock_timestamp(),
    changes bigint not null default 0,
    last_error text,
    last_error_at timestamptz
);

create table feed.parked (
    id bigint generated always as identity primary key,
    consumer text not null,
    lsn pg_lsn not null,
    relation text not null,
    change jsonb not null,
    error text not null,
    attempts integer not null default 1,
    parked_at timestamptz not null default clock_timestamp(),
    next_try_at timestamptz not null
);
create index parked_due on feed.parked (next_try_at);

grant select, insert, update, delete on feed.position, feed.parked to trustmed_feed;
grant select on feed.position, feed.parked to trustmed_region, trustmed_monitor;
