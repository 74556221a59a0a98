-- name: has_accounts
-- Whether this organisation was seeded already: the seed of an organisation is one transaction.
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
-- A patient as a clinic entered them, with whatever was asked and told.
insert into mpi.patient
    (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, identity_kind, identity_series,
     identity_number, phone, address)
values
    (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s, %(enp)s,
     %(identity_kind)s, %(identity_series)s, %(identity_number)s, %(phone)s, %(address)s);

-- name: add_region_account
insert into access.account (login, password_hash, name, role) values (%(login)s, %(password_hash)s, %(name)s, %(role)s)
on conflict (login) do nothing;

-- name: add_client
insert into access.client (name, token_sha256, scopes, requests_per_second)
values (%(name)s, %(token_sha256)s, %(scopes)s, 1000)
on conflict (name) do update set token_sha256 = excluded.token_sha256, scopes = excluded.scopes;
