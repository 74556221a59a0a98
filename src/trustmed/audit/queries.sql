-- name: note
-- Add one event. The tenant of the transaction is the organisation.
insert into audit.access
    (organization_id, actor, actor_name, channel, action, ground, ground_detail, patient_id, document_id, outcome, shown)
values
    (%(organization_id)s, %(actor)s, %(actor_name)s, 'site', %(action)s, %(ground)s, %(detail)s, %(patient_id)s,
     %(document_id)s, %(outcome)s, %(shown)s);

-- name: newest
-- The trail of an organisation, the newest first, before a given event.
select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome, cardinality(shown) as shown
from audit.access
where organization_id = %(organization_id)s and id < %(before)s
order by id desc
limit %(limit)s;

-- name: newest_of_patient
-- The trail of one patient: what was done with the card, and the lists that showed it.
select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome, shown
from (
    (
        select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome,
               cardinality(shown) as shown
        from audit.access
        where organization_id = %(organization_id)s and patient_id = %(patient_id)s
        order by at desc
        limit %(limit)s
    )
    union all
    (
        select id, at, actor_name, action, ground, ground_detail, patient_id, document_id, outcome,
               cardinality(shown) as shown
        from audit.lists_showing(%(patient_id)s, %(limit)s::integer)
        where patient_id is distinct from %(patient_id)s
    )
) e
order by at desc
limit %(limit)s;

-- name: seal_next
-- Seal the next rows of this database's trail; returns how many.
select audit.seal(%(most)s);

-- name: make_months
-- Make the parts of the next months.
select audit.make_months();

-- name: head
-- The newest seal.
select number, token, hash, last_at from audit.head();

-- name: hand_over
-- Tell the region of a chain's head.
select audit.hand_over(%(organization_id)s, %(origin)s, %(number)s, %(token)s, %(hash)s, %(last_at)s);

-- name: hand_over_at_region
-- Tell the sites of a chain's head.
select audit.hand_over_at_region(%(origin)s, %(number)s, %(token)s, %(hash)s, %(last_at)s);

-- name: seals
-- Every seal, the first first.
select number, history, token::text, after_transaction::text, through_transaction::text, rows,
       (extract(epoch from first_at) * 1000000)::bigint, (extract(epoch from last_at) * 1000000)::bigint,
       encode(rows_sha256, 'hex'), encode(previous, 'hex'), (extract(epoch from sealed_at) * 1000000)::bigint, hash, marks
from audit.seal
order by number;

-- name: rows_in_order
-- The rows of a history in the order in which they are sealed.
select id::text, (extract(epoch from at) * 1000000)::bigint, organization_id, actor, actor_name, channel, action, ground,
       ground_detail, person_id::text, patient_id::text, document_id::text, outcome, transaction::text, shown::text[],
       history
from audit.access
where history = %(history)s
order by audit.access.transaction, audit.access.id, audit.access.at;

-- name: row_elsewhere
-- The time of a row wherever it stands now.
select at from audit.access where id = %(id)s limit 1;

-- name: history_now
-- The present history of the database.
select max(number) from audit.history;

-- name: of_no_history
-- Rows that claim a history the database never had.
select id, at from audit.access
where history < 1 or history > (select max(number) from audit.history)
limit %(most)s;

-- name: dropped
-- The parts that were dropped as past keeping.
select part, until_at, rows, last_seal, partly from audit.dropped order by until_at;

-- name: anchors
-- What this database was told of another's chain.
select number, token, hash, at from audit.kept_anchor where origin = %(origin)s order by number, at;

-- name: parts
-- The parts of the trail that have an end, the oldest first. Nobody is told of a seal by rows alone: the last seal is the
-- last that began before the part's end.
select p.name, p.from_at, p.until_at,
       (select max(s.number) from audit.seal s where s.first_at < p.until_at) as last_seal,
       not exists (
           select from audit.unsealed() u where u.since < p.until_at
       ) as is_sealed
from audit.parts() p
where p.until_at is not null
order by p.until_at;

-- name: drop_part
-- Drop a part of the trail; returns how many rows it had.
select audit.drop_part(%(part)s, %(by_name)s);
