-- A parked change holds a whole row, of a patient too; who serves requests sees that it is parked, not what is in it.

revoke select on feed.parked from trustmed_region;
grant select (id, consumer, lsn, relation, attempts, parked_at, next_try_at) on feed.parked to trustmed_region;
