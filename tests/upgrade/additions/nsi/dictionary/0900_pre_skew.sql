alter table nsi.dictionary add column skew text;
alter table nsi.version add column skew text not null default 'as before';
alter table nsi.entry add column skew text;
alter table nsi.publication add column skew boolean;

-- A table that travels down to the sites.
create table nsi.skew_hint (id uuid primary key default uuidv7(), hint text not null);
grant select on nsi.skew_hint to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;
