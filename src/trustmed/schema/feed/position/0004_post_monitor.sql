-- A parked change is a whole row of a person: the monitor reads that it waits, and why.
revoke select on feed.parked from trustmed_monitor;
grant select (id, consumer, lsn, relation, error, attempts, parked_at, next_try_at) on feed.parked to trustmed_monitor;
