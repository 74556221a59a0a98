-- Systems that read the integrated record, book and speak with the federal level; and for which organisations a client
-- may speak (null: for none). Physicians of the region and operators of its call centre.
alter table access.client drop constraint client_scopes_check;
alter table access.client add constraint client_scopes_check
    check (scopes <@ array['portal', 'metrics', 'mpi', 'record', 'booking', 'federal']);
alter table access.client add column organizations integer[];
alter table access.account drop constraint account_role_check;
alter table access.account add constraint account_role_check
    check (role in ('engineer', 'analyst', 'steward', 'physician', 'operator'));
