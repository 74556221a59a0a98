-- name: write_granted
-- The audit row of a reading; the setting names it, so that the policy of person and ground opens this transaction.
insert into audit.access (
    id, organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, document_id
) values (
    set_config('trustmed.access_id', uuidv7()::text, true)::uuid, %(organization_id)s,
    %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, %(person_id)s, %(document_id)s
);

-- name: write_denied
-- The audit row of a reading that did not happen: refused, or nothing found.
insert into audit.access (
    organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, document_id, outcome
) values (
    %(organization_id)s, %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, %(person_id)s, %(document_id)s, %(outcome)s
);

-- name: write_seen
-- Audit rows of persons found by a transaction that has opened the index already.
insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id)
select %(organization_id)s, %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, unnest(%(persons)s::uuid[]);
