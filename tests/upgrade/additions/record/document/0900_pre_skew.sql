alter table record.document_body add column skew integer;
alter table record.document_signature add column skew text not null default '';
