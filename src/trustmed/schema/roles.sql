-- Roles of every server. Passwords are set apart, from the deployment's secrets.
-- trustmed_owner    owns every object; nobody signs in as it
-- trustmed_clinic   serves requests at a site; sees one organisation at a time
-- trustmed_region   serves requests at the region; sees one person at a time, on a ground
-- trustmed_feed     reads the change feed, writes the patient index
-- trustmed_link     carries rows between databases
-- trustmed_monitor  watches links; reads, never serves requests
-- trustmed_keeper   keeps accounts and client systems: commands of an administrator, never what serves requests
-- trustmed_auditor  reads the audit trail and its seals, drops what is past keeping: commands only
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'trustmed_owner', 'trustmed_clinic', 'trustmed_region', 'trustmed_feed', 'trustmed_link', 'trustmed_monitor',
        'trustmed_keeper', 'trustmed_auditor'
    ] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I', role_name);
        end if;
    end loop;
end
$$;
alter role trustmed_owner nologin nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
alter role trustmed_clinic login nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
alter role trustmed_region login nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
alter role trustmed_feed login nosuperuser nobypassrls replication connection limit -1 valid until 'infinity';
alter role trustmed_link login nosuperuser bypassrls replication connection limit -1 valid until 'infinity';
alter role trustmed_monitor login nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
alter role trustmed_keeper login nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
alter role trustmed_auditor login nosuperuser nobypassrls noreplication connection limit -1 valid until 'infinity';
grant pg_monitor to trustmed_monitor;
alter role trustmed_clinic set statement_timeout = '30s';
alter role trustmed_clinic set lock_timeout = '5s';
alter role trustmed_clinic set idle_in_transaction_session_timeout = '60s';
alter role trustmed_region set statement_timeout = '30s';
alter role trustmed_region set lock_timeout = '5s';
alter role trustmed_region set idle_in_transaction_session_timeout = '60s';
-- Words of an error quote rows ("Key (snils)=(…)"), and a server's log goes further than its tables. The programs of these
-- roles are told every error and log its kind themselves.
alter role trustmed_clinic set log_min_messages = 'fatal';
alter role trustmed_region set log_min_messages = 'fatal';
alter role trustmed_feed set log_min_messages = 'fatal';
alter role trustmed_keeper set log_min_messages = 'fatal';
alter role trustmed_auditor set log_min_messages = 'fatal';
alter role trustmed_monitor set statement_timeout = '10s';
alter role trustmed_keeper set statement_timeout = '30s';
alter role trustmed_keeper set lock_timeout = '5s';
