alter table record.visit add column skew timestamptz;
alter table record.visit_document add column skew text;
