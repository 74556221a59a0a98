-- name: persons_of_patients
-- The persons these patients stand for.
select l.organization_id, l.patient_id, l.person_id
from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as w (organization_id, patient_id)
cross join lateral (
    select * from mpi.patient_link l
    where l.organization_id = w.organization_id and l.patient_id = w.patient_id limit 1
) as l;

-- name: queue
-- A page of open questions, the most urgent first, after a given one.
select id, opened_at, organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason,
       model, explanation, postponed_until
from mpi.review
where closed_at is null and (postponed_until is null or postponed_until <= clock_timestamp())
  and (%(priority)s::smallint is null or priority = %(priority)s)
  and (%(organization_id)s::integer is null or %(organization_id)s in (organization_id, other_organization_id))
  and (priority, -weight, id) > (%(after_priority)s, -%(after_weight)s::real, %(after_id)s)
order by priority, -weight, id
limit %(limit)s;

-- name: queue_postponed
-- Questions put off, the soonest first.
select id, opened_at, organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason,
       model, explanation, postponed_until
from mpi.review
where closed_at is null and postponed_until > clock_timestamp()
  and (%(organization_id)s::integer is null or %(organization_id)s in (organization_id, other_organization_id))
order by postponed_until, id
limit %(limit)s;

-- name: queue_counts
-- How many questions there are, by priority.
select priority, count(*) filter (where postponed_until is null or postponed_until <= clock_timestamp()) as waiting,
       count(*) filter (where postponed_until > clock_timestamp()) as postponed, min(opened_at) as oldest
from mpi.review where closed_at is null group by priority order by priority;

-- name: review
-- A question, answered or not.
select id, opened_at, organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason,
       model, explanation, postponed_until, closed_at, outcome, closed_by, closing_reason
from mpi.review where id = %(id)s;

-- name: hold_review
-- Lock the question, so that two stewards do not answer it at once.
select id from mpi.review where id = %(id)s and closed_at is null for update;

-- name: answer_review
update mpi.review set closed_at = clock_timestamp(), outcome = %(outcome)s, closed_by = %(author)s,
    closing_reason = %(reason)s
where id = %(id)s and closed_at is null;

-- name: postpone_review
update mpi.review set postponed_until = %(until)s where id = %(id)s and closed_at is null returning id;

-- name: close_between
-- Close the open questions between the patients of two persons, as a steward's act answered them.
update mpi.review r set closed_at = clock_timestamp(), outcome = %(outcome)s, closed_by = %(author)s,
    closing_reason = %(reason)s, act_id = %(act_id)s
where r.id in (
    select r.id
    from unnest(%(organizations)s::integer[], %(ids)s::uuid[]) as a (organization_id, patient_id)
    cross join lateral (
        select r.id, r.other_organization_id as organization_id, r.other_patient_id as patient_id
        from mpi.review r
        where r.closed_at is null and r.organization_id = a.organization_id and r.patient_id = a.patient_id
        union all
        select r.id, r.organization_id, r.patient_id from mpi.review r
        where r.closed_at is null and r.other_organization_id = a.organization_id
          and r.other_patient_id = a.patient_id
    ) as r
    join unnest(%(other_organizations)s::integer[], %(other_ids)s::uuid[]) as b (organization_id, patient_id)
      on b.organization_id = r.organization_id and b.patient_id = r.patient_id
);

-- name: ask_again
-- Reopen the questions that an undone act had answered, except those that were asked anew meanwhile.
update mpi.review r set closed_at = null, outcome = null, closed_by = null, closing_reason = null, act_id = null
where r.act_id = %(act_id)s
  and not exists (
      select from mpi.review o
      where o.closed_at is null and o.organization_id = r.organization_id and o.patient_id = r.patient_id
        and o.other_organization_id = r.other_organization_id and o.other_patient_id = r.other_patient_id
  );

-- name: hold_persons
-- Lock the persons against other stewards' acts and automatic links. In one order, against deadlock.
select id, revision, merged_into from mpi.person where id = any(%(persons)s) order by id for update;

-- name: new_person
insert into mpi.person default values returning id;

-- name: new_act
insert into mpi.act (kind, person_id, other_person_id, author, author_name, reason)
values (%(kind)s, %(person_id)s, %(other_person_id)s, %(author)s, %(author_name)s, %(reason)s)
returning id;

-- name: keep_links
-- Store how the patients of an act were linked before it.
insert into mpi.act_link
    (act_id, organization_id, patient_id, person_before, decision_before, reason_before, linked_before, person_after)
select %(act_id)s, l.organization_id, l.patient_id, l.person_id, l.decision, l.reason, l.linked_at, w.person_after
from unnest(%(organizations)s::integer[], %(ids)s::uuid[], %(after)s::uuid[])
    as w (organization_id, patient_id, person_after)
cross join lateral (
    select * from mpi.patient_link l
    where l.organization_id = w.organization_id and l.patient_id = w.patient_id limit 1
) as l;

-- name: link_by_hand
update mpi.patient_link l set person_id = k.person_after, decision = 'manual', reason = %(reason)s,
    linked_at = clock_timestamp()
from mpi.act_link k
where k.act_id = %(act_id)s and l.organization_id = k.organization_id and l.patient_id = k.patient_id;

-- name: note_act
-- Write a steward's act into the history of every patient it touched.
insert into mpi.decision
    (kind, organization_id, patient_id, person_id, former_person_id, author, author_name, reason, act_id)
select %(kind)s, k.organization_id, k.patient_id, k.person_after, nullif(k.person_before, k.person_after),
       %(author)s, %(author_name)s, %(reason)s, k.act_id
from mpi.act_link k where k.act_id = %(act_id)s;

-- name: note
insert into mpi.decision
    (kind, organization_id, patient_id, person_id, former_person_id, author, author_name, reason, act_id)
values (%(kind)s, %(organization_id)s, %(patient_id)s, %(person_id)s, %(former_person_id)s, %(author)s,
        %(author_name)s, %(reason)s, %(act_id)s);

-- name: merge_person
update mpi.person set merged_into = %(into)s, merged_at = clock_timestamp() where id = %(person_id)s;

-- name: unmerge_person
update mpi.person set merged_into = null, merged_at = null where id = %(person_id)s and merged_into = %(into)s;

-- name: revise_persons
update mpi.person set revision = revision + 1 where id = any(%(persons)s);

-- name: act
select id, at, kind, person_id, other_person_id, author, author_name, reason, undone_at, undone_by, undone_reason
from mpi.act where id = %(id)s;

-- name: hold_act
select id, at, kind, person_id, other_person_id, author, author_name, reason, undone_at, undone_by, undone_reason
from mpi.act where id = %(id)s for update;

-- name: act_links
-- The patients of an act, and the persons they stood for before and after it.
select organization_id, patient_id, person_before, person_after
from mpi.act_link where act_id = %(act_id)s order by organization_id, patient_id;

-- name: later_acts
-- Acts not undone that touched the same patients after this one.
select distinct a.id
from mpi.act_link k
join mpi.act_link o on o.organization_id = k.organization_id and o.patient_id = k.patient_id and o.act_id > k.act_id
join mpi.act a on a.id = o.act_id
where k.act_id = %(act_id)s and a.undone_at is null
order by a.id limit 10;

-- name: link_back
-- Link every patient of an act as it was before the act.
update mpi.patient_link l set person_id = k.person_before, decision = k.decision_before, reason = k.reason_before,
    linked_at = k.linked_before
from mpi.act_link k
where k.act_id = %(act_id)s and l.organization_id = k.organization_id and l.patient_id = k.patient_id;

-- name: newcomers
-- Patients linked automatically to a person since an act: what the person was then may have been why.
select l.organization_id, l.patient_id
from mpi.patient_link l
where l.person_id = any(%(persons)s) and l.decision = 'automatic' and l.linked_at >= %(since)s
  and not exists (
      select from mpi.act_link k
      where k.act_id = %(act_id)s and k.organization_id = l.organization_id and k.patient_id = l.patient_id
  )
limit 1000;

-- name: undo_act
update mpi.act set undone_at = clock_timestamp(), undone_by = %(author)s, undone_reason = %(reason)s
where id = %(act_id)s and undone_at is null;

-- name: keep_apart
insert into mpi.not_same (organization_id, patient_id, other_organization_id, other_patient_id, act_id)
select organization_id, patient_id, other_organization_id, other_patient_id, %(act_id)s
from unnest(
    %(organizations)s::integer[], %(ids)s::uuid[], %(other_organizations)s::integer[], %(other_ids)s::uuid[]
) as w (organization_id, patient_id, other_organization_id, other_patient_id)
on conflict do nothing;

-- name: let_together
delete from mpi.not_same where act_id = %(act_id)s;

-- name: kept_apart
-- The persons a steward said this one is not, with the act that said so.
select l.person_id, n.act_id, min(n.at) as at
from mpi.patient_link m
cross join lateral (
    select n.other_organization_id, n.other_patient_id, n.act_id, n.at from mpi.not_same n
    where n.organization_id = m.organization_id and n.patient_id = m.patient_id
    union all
    select n.organization_id, n.patient_id, n.act_id, n.at from mpi.not_same n
    where n.other_organization_id = m.organization_id and n.other_patient_id = m.patient_id
) as n (organization_id, patient_id, act_id, at)
cross join lateral (
    select * from mpi.patient_link l
    where l.organization_id = n.organization_id and l.patient_id = n.patient_id limit 1
) as l
where m.person_id = %(person_id)s
group by l.person_id, n.act_id
order by at desc limit 100;

-- name: reviews_of_person
-- Open questions about a person.
select distinct r.id, r.opened_at, r.organization_id, r.patient_id, r.other_organization_id, r.other_patient_id,
       r.weight, r.priority, r.reason, r.model, r.explanation, r.postponed_until
from mpi.patient_link m
cross join lateral (
    select * from mpi.review r
    where r.closed_at is null and r.organization_id = m.organization_id and r.patient_id = m.patient_id
    union all
    select * from mpi.review r
    where r.closed_at is null and r.other_organization_id = m.organization_id and r.other_patient_id = m.patient_id
) as r
where m.person_id = %(person_id)s
order by r.priority, r.weight desc limit %(limit)s;

-- name: linked
-- The patients that stand for a person.
select organization_id, patient_id from mpi.patient_link where person_id = %(person_id)s
order by organization_id, patient_id;

-- name: rematch
-- Ask the matcher, in the change feed, to look at these patients anew.
insert into mpi.rematch (organization_id, patient_id)
select * from unnest(%(organizations)s::integer[], %(ids)s::uuid[])
on conflict (organization_id, patient_id) do update set at = clock_timestamp();

-- name: acts_of_person
select id, at, kind, person_id, other_person_id, author, author_name, reason, undone_at, undone_by, undone_reason
from mpi.act where person_id = %(person_id)s or other_person_id = %(person_id)s
order by id desc limit 100;

-- name: history
-- What was decided about a person, the newest first.
select d.id, d.at, d.kind, d.organization_id, d.patient_id, d.person_id, d.former_person_id, d.author_name, d.reason,
       d.act_id, d.weight, d.model, d.explanation
from (
    select * from mpi.decision where person_id = %(person_id)s
    union
    select * from mpi.decision where former_person_id = %(person_id)s
) as d
order by d.id desc limit %(limit)s;

-- name: pin
insert into mpi.pin (person_id, field, value, author, author_name, reason)
values (%(person_id)s, %(field)s, %(value)s, %(author)s, %(author_name)s, %(reason)s)
on conflict (person_id, field) do update set value = excluded.value, at = clock_timestamp(),
    author = excluded.author, author_name = excluded.author_name, reason = excluded.reason;

-- name: unpin
delete from mpi.pin where person_id = %(person_id)s and field = %(field)s returning value;
