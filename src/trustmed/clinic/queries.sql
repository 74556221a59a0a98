-- name: name_tenant
-- For which organisation a transaction works.
select set_config('trustmed.organization_id', %(organization_id)s, true);

-- name: name_tenant_lazily
-- The same for a transaction whose commit does not wait for the disk.
select set_config('trustmed.organization_id', %(organization_id)s, true), set_config('synchronous_commit', 'off', true);
