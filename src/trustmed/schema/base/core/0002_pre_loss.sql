-- Losses of a link, kept at its target: the traces wear off (heartbeats are pruned, counters reset, recent rows grow
-- old), the loss stays until a repair begins a new slot.
create table replication.loss (
    link text not null,
    slot text not null,
    cause text not null,
    words text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (link, slot, cause)
);

create function replication.note_loss(of_link text, of_slot text, of_cause text, of_words text)
returns void
language sql security definer set search_path = ''
begin atomic
    insert into replication.loss (link, slot, cause, words) values (of_link, of_slot, of_cause, of_words)
    on conflict (link, slot, cause) do nothing;
end;

revoke execute on function replication.note_loss from public;
grant select on replication.loss to trustmed_monitor;
grant execute on function replication.note_loss to trustmed_monitor;
