-- name: enter
-- Spend the portal's proof (null if it has served), and tell the version of what is known of the number.
select mpi.spend_proof(%(proof)s, to_timestamp(%(until)s)) as fresh, mpi.version_of_number(%(snils)s) as version;

-- name: answer
-- The latest answer of a steward about an identity.
select outcome, person_id, cards_sha256 from mpi.citizen_question
where identity_sha256 = %(identity)s and closed_at is not null and outcome <> 'moot'
order by closed_at desc limit 1;

-- name: ask
-- Ask about an identity, once.
insert into mpi.citizen_question
    (identity_sha256, snils, surname, given_name, patronymic, birth_date, sub, client_name)
values (%(identity)s, %(snils)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sub)s, %(client_name)s)
on conflict (identity_sha256) where closed_at is null do nothing;

-- name: withdraw
-- Close a question about which there is nothing to decide any more.
update mpi.citizen_question set closed_at = clock_timestamp(), outcome = 'moot', closed_by = 'matcher'
where identity_sha256 = %(identity)s and closed_at is null;

-- name: question
-- A question, answered or not.
select id, opened_at, snils, surname, given_name, patronymic, birth_date, sub, client_name, closed_at, outcome
from mpi.citizen_question where id = %(id)s;

-- name: open
-- Open questions, the oldest first.
select id, opened_at, snils, surname, given_name, patronymic, birth_date, sub, client_name, closed_at, outcome
from mpi.citizen_question where closed_at is null order by opened_at, id limit %(limit)s;

-- name: count_open
select count(*) from mpi.citizen_question where closed_at is null;

-- name: close
-- Answer an open question.
update mpi.citizen_question set closed_at = clock_timestamp(), outcome = %(outcome)s, person_id = %(person_id)s,
    cards_sha256 = %(cards_sha256)s, closed_by = %(author)s, closing_reason = %(reason)s
where id = %(id)s and closed_at is null returning id;
