alter table registry.document add column skew smallint not null default 0;
alter table registry.document_event add column skew text;
