-- outside-transaction
create index concurrently if not exists access_in_order on audit.access (history, transaction, id);
