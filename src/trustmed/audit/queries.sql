-- name: note
-- Add one event. The tenant of the transaction is the organisation.
insert into audit.access
    (organization_id, actor, actor_name, channel, action, ground, ground_detail, patient_id, document_id, outcome)
values
    (%(organization_id)s, %(actor)s, %(actor_name)s, 'site', %(action)s, %(ground)s, %(detail)s, %(patient_id)s,
     %(document_id)s, %(outcome)s);

-- name: newest
-- The trail of an organisation, the newest first, before a given event.
select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome
from audit.access
where organization_id = %(organization_id)s and id < %(before)s
order by id desc
limit %(limit)s;

-- name: newest_of_patient
-- The trail of one patient.
select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome
from audit.access
where organization_id = %(organization_id)s and patient_id = %(patient_id)s
order by at desc
limit %(limit)s;
