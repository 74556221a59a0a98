-- Which publication a position was reached under: since PostgreSQL 18 a slot reads on in silence while its publication is gone.

alter table feed.position add column publication text;
alter table feed.parked add column key text not null;
create index parked_key on feed.parked (consumer, key, id);
