alter table booking.quota add column skew integer;
alter table booking.region_booking add column skew text;
alter table booking.handback add column skew text not null default '';
