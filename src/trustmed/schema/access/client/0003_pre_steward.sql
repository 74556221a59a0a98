-- Who keeps the index of patients (стюард), and programs that ask it.
alter table access.account drop constraint account_role_check;
alter table access.account add constraint account_role_check check (role in ('engineer', 'analyst', 'steward'));
alter table access.client drop constraint client_scopes_check;
alter table access.client add constraint client_scopes_check check (scopes <@ array['portal', 'metrics', 'mpi']);
