-- name: account_for_login
-- The account with this login, before its organisation is known.
select organization_id, id, login, password_hash, role, employee_id, language, is_password_temporary
from access.account_for_login(%(login)s);

-- name: find_employee
-- The employee an account belongs to.
select id, surname, given_name, patronymic, snils, position_code
from access.employee
where organization_id = %(organization_id)s and id = %(id)s;

-- name: add_account
-- Add an employee with an account; null if the login is taken.
select access.add_account(
    %(by_account)s, %(by_name)s, %(organization_id)s, %(login)s, %(password_hash)s, %(role)s, %(surname)s,
    %(given_name)s, %(patronymic)s, %(snils)s, %(position_code)s
);

-- name: set_account_role
select access.set_account_role(%(by_account)s, %(by_name)s, %(organization_id)s, %(account_id)s, %(role)s);

-- name: set_account_disabled
select access.set_account_disabled(%(by_account)s, %(by_name)s, %(organization_id)s, %(account_id)s, %(is_disabled)s);

-- name: set_account_password
select access.set_password(%(by_account)s, %(by_name)s, %(organization_id)s, %(account_id)s, %(password_hash)s);

-- name: end_account_sessions
-- Ids of the sessions that ended.
select access.end_sessions(%(by_account)s, %(by_name)s, %(organization_id)s, %(account_id)s, %(except_id)s);
