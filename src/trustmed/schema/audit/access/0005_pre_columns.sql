-- Whom a search showed, and of which history of the database a row is: its numbers of transactions may begin anew when it
-- is laid into another cluster. Neither history nor `transaction` can be chosen by who writes the row.

alter table audit.access add column shown uuid[];                         -- patients of a list, in its order
alter table audit.access add column history smallint not null default 1;
grant insert (shown) on audit.access to trustmed_clinic, trustmed_region;

-- The rows that are here already, and those of this month and the next, become one part of a table cut by months.
do $$
begin
    execute format(
        'alter table audit.access add constraint access_before_months check (at < %L) not valid',
        (date_trunc('month', now() at time zone 'UTC') + interval '2 months')::timestamp at time zone 'UTC'
    );
end
$$;
