alter table booking.resource add column skew text;
alter table booking.slot add column skew smallint not null default 0;
alter table booking.handover add column skew text;
alter table booking.site_booking add column skew text;
