-- At a site every event of a patient is told to the patient: in the event's own transaction and statement, whoever adds it.

-- The same act of the same account on the same patient (and document) is told once in a minute of the clock.
create function audit.tell() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    account uuid;
begin
    if exists (
        select from audit.access a
        where a.organization_id = new.organization_id and a.patient_id = new.patient_id
          and a.at >= date_trunc('minute', new.at) and a.at <= new.at and a.id <> new.id
          and a.actor = new.actor and a.action = new.action and a.ground = new.ground and a.outcome = 'granted'
          and a.document_id is not distinct from new.document_id
    ) then
        return null;
    end if;
    -- Apart from the query below: its planner would evaluate the cast before the condition that guards it.
    if pg_input_is_valid(new.actor, 'uuid') then
        account := new.actor::uuid;
    end if;
    insert into audit.reading
        (organization_id, id, at, actor_name, actor_position, action, ground, ground_detail, patient_id, document_id)
    values (
        new.organization_id, new.id, new.at, new.actor_name,
        (
            select coalesce(p.name, e.position_code)
            from access.account a
            join access.employee e on e.organization_id = a.organization_id and e.id = a.employee_id
            left join nsi.dictionary d on d.oid = '1.2.643.5.1.13.13.11.1002'
            left join nsi.entry p on p.oid = d.oid and p.version = d.current_version and p.code = e.position_code
            where a.organization_id = new.organization_id and a.id = account
            limit 1
        ),
        new.action, new.ground, case when new.ground in ('consent', 'break_glass') then new.ground_detail end,
        new.patient_id, new.document_id
    );
    return null;
end
$$;

create trigger told after insert on audit.access for each row
    when (new.channel = 'site' and new.outcome = 'granted' and new.patient_id is not null and new.organization_id is not null)
    execute function audit.tell();
