-- Points of the documents database's log: everything signed before `at` was written before `lsn`.
-- By them a site knows, after a restart and without the region, which documents still wait to be handed over.
create table clinic.mark (
    database text not null,
    at timestamptz not null,
    lsn pg_lsn not null,
    primary key (database, at)
);
grant select, insert, delete on clinic.mark to trustmed_clinic;
