-- Of dictionaries the monitor reads which versions are in force.
revoke select on nsi.dictionary, nsi.entry, nsi.version, nsi.alias, nsi.publication from trustmed_monitor;
grant select (oid, current_version) on nsi.dictionary to trustmed_monitor;
