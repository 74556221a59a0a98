-- Who serves requests may not choose the moment or the transaction of an audit row: a row made for a transaction yet
-- to come would open a person without a trace at the time of reading.

revoke insert on audit.access from trustmed_clinic, trustmed_region;
grant insert (
    id, organization_id, actor, actor_name, channel, action, ground, ground_detail, person_id, patient_id, document_id, outcome
) on audit.access to trustmed_clinic, trustmed_region;
