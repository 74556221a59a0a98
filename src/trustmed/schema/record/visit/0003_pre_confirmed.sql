-- Somebody else than the doctor who began a visit says that the patient came: by that a visit proves treatment.
alter table record.visit add column confirmed_at timestamptz;
alter table record.visit add column confirmed_by uuid;          -- employee
alter table record.visit add column confirmed_by_name text;
alter table record.visit add constraint visit_confirmed_by_another check (
    (confirmed_at is null) = (confirmed_by is null) and (confirmed_by is null) = (confirmed_by_name is null)
    and confirmed_by <> employee_id
);
