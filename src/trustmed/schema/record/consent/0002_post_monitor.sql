-- The monitor compares these rows by replication.digest and reads none of them.
call trustmed.close_to_monitor('record');
