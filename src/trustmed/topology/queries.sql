-- name: epoch
-- The number of histories this database has begun.
select epoch from replication.incarnation

-- name: linked_databases
-- Databases of the server that hold an end of a link. The region's links are told by their role and their slots' names.
select d.datname from pg_subscription s join pg_database d on d.oid = s.subdbid
where s.subconninfo like '%trustmed_link%'
union
select database from pg_replication_slots where slot_type = 'logical' and plugin = 'pgoutput' and slot_name like '%\_to\_%'
