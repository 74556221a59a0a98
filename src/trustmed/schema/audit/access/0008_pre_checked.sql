alter table audit.access validate constraint access_before_months;
