-- outside-transaction
create unique index concurrently if not exists access_id_at on audit.access (id, at);
