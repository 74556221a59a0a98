-- name: account_for_login
-- The account with this login, before its organisation is known.
select organization_id, id, login, password_hash, role, employee_id, language
from access.account_for_login(%(login)s);

-- name: find_employee
-- The employee an account belongs to.
select id, surname, given_name, patronymic, snils, position_code
from access.employee
where organization_id = %(organization_id)s and id = %(id)s;

-- name: add_employee
-- Add an employee.
insert into access.employee (organization_id, surname, given_name, patronymic, snils, position_code)
values (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(snils)s, %(position_code)s)
returning id;

-- name: add_account
-- Add an employee's account; no row if the login is taken.
insert into access.account (organization_id, login, password_hash, role, employee_id)
values (%(organization_id)s, %(login)s, %(password_hash)s, %(role)s, %(employee_id)s)
on conflict (login) do nothing
returning id;
