-- name: has_accounts
-- Whether this organisation was seeded already: an organisation is seeded in one transaction.
select exists (select from access.account where organization_id = %(organization_id)s);

-- name: insert_employee
insert into access.employee (organization_id, surname, given_name, patronymic, snils, position_code)
values (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(snils)s, %(position_code)s)
returning id;

-- name: insert_account
insert into access.account (organization_id, login, password_hash, role, employee_id)
values (%(organization_id)s, %(login)s, %(password_hash)s, %(role)s, %(employee_id)s);

-- name: insert_patient
insert into mpi.patient
    (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address)
values
    (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s, %(enp)s,
     %(phone)s, %(address)s);

-- name: insert_entered
-- A patient as a clinic entered them, with whatever the clinic asked for.
insert into mpi.patient
    (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, identity_kind, identity_series,
     identity_number, phone, address)
values
    (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s, %(enp)s,
     %(identity_kind)s, %(identity_series)s, %(identity_number)s, %(phone)s, %(address)s);

-- name: doctors_with_accounts
select e.organization_id, e.snils, e.surname, concat_ws(' ', e.given_name, e.patronymic) as given_name
from access.employee e
join access.account a on a.organization_id = e.organization_id and a.employee_id = e.id
where a.role = 'doctor';

-- name: add_region_account
insert into access.account (login, password_hash, name, role) values (%(login)s, %(password_hash)s, %(name)s, %(role)s)
on conflict (login) do nothing;

-- name: accounts_without_factor
select id, login from access.account where role = any (%(roles)s) and factor is null;

-- name: give_factor
update access.account set factor = %(factor)s where id = %(account_id)s;

-- name: add_client
insert into access.client (name, token_sha256, scopes, organizations, requests_per_second)
values (%(name)s, %(token_sha256)s, %(scopes)s, %(organizations)s, 1000)
on conflict (name) do update set token_sha256 = excluded.token_sha256, scopes = excluded.scopes,
    organizations = excluded.organizations;

-- name: doctors
-- The doctors who see patients, in the order of their employment.
select e.id as employee_id,
    concat_ws(' ', e.surname, left(e.given_name, 1) || '.', left(e.patronymic, 1) || '.') as name, e.position_code
from access.employee e
where e.organization_id = %(organization_id)s and e.position_code in ('110', '34', '122')
order by e.id;

-- name: add_resource
-- Returns no row if the doctor has a schedule already.
insert into booking.resource (organization_id, kind, employee_id, name, speciality_code, speciality, room)
select %(organization_id)s, 'doctor', %(employee_id)s, %(name)s, %(position_code)s, %(speciality)s, %(room)s
where not exists (
    select from booking.resource r
    where r.organization_id = %(organization_id)s and r.employee_id = %(employee_id)s
)
returning id;

-- name: add_hours
insert into booking.schedule (organization_id, resource_id, weekday, starts, ends, minutes, visit_kind, valid_from)
values (%(organization_id)s, %(resource_id)s, %(weekday)s, %(starts)s, %(ends)s, %(minutes)s, 'any', %(from)s);

-- name: add_slot
insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)
values (%(organization_id)s, %(resource_id)s, %(starts_at)s, %(ends_at)s, %(visit_kind)s);

-- name: set_share
insert into booking.quota (organization_id, visit_kind, percent, return_hours, set_by)
values (%(organization_id)s, 'first', %(percent)s, %(return_hours)s, 'demo')
on conflict do nothing;
