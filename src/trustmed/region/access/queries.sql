-- name: write_granted
-- The audit row of an access. The setting names it: row level security shows this transaction the person named in it.
insert into audit.access (
    id, organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, document_id
) values (
    set_config('trustmed.access_id', uuidv7()::text, true)::uuid, %(organization_id)s,
    %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, %(person_id)s, %(document_id)s
);

-- name: write_denied
-- The audit row of an access that gave nothing: refused, or nothing found.
insert into audit.access (
    organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, document_id, outcome
) values (
    %(organization_id)s, %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, %(person_id)s, %(document_id)s, %(outcome)s
);

-- name: write_seen
-- Audit rows of persons found within a transaction that has already opened the index.
insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id)
select %(organization_id)s, %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(detail)s, unnest(%(persons)s::uuid[]);

-- name: note_emergency
-- The audit row of an emergency access, or of one whose ground was not verified. The setting names it, so that notices of it may be written.
insert into audit.access (
    id, organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id
) values (
    set_config('trustmed.access_id', uuidv7()::text, true)::uuid,
    %(organization_id)s, %(actor)s, %(actor_name)s, %(channel)s, %(action)s, %(ground)s, %(reason)s, %(person_id)s
);

-- name: tell_of_emergency
-- One notice for every organisation whose patient the person is. Of an emergency the reader's own has its own trail.
-- The same reader with the same reason is told of once an hour.
insert into mpi.break_glass
    (organization_id, patient_id, person_id, reader_name, reader_position, reader_organization, reason)
select distinct on (l.organization_id)
    l.organization_id, l.patient_id, l.person_id, %(name)s, %(position)s, %(organization_id)s, %(reason)s
from mpi.patient_link l
where l.person_id = %(person_id)s
  and (%(tells_own)s or l.organization_id is distinct from %(organization_id)s::integer)
  and not mpi.told_of_glass(l.organization_id, l.person_id, %(name)s, %(organization_id)s::integer, %(reason)s)
order by l.organization_id, l.patient_id;
