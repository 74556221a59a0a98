-- Rows set aside are whole rows of persons: the monitor counts them and reads why they were set aside.
revoke select on replication.quarantine from trustmed_monitor;
grant select (id, at, link, relation, reason) on replication.quarantine to trustmed_monitor;
