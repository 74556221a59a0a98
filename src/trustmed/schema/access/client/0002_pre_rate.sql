-- How many requests a second a client may make (a bucket of as many is kept for bursts).

alter table access.client add column requests_per_second integer not null default 100
    check (requests_per_second between 1 and 100000);
