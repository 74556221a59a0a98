-- name: hold
-- Locks of persons, cards and slots, until the transaction ends; in one order everywhere, so nobody waits for who waits for
-- them. What follows sees what was written under them: it is a statement of its own.
select pg_advisory_xact_lock(hashtextextended(name, 0))
from (select name from unnest(%(names)s::text[]) as n (name) order by name collate "C") as n;

-- name: plan_once
-- The statements of this transaction are planned once a connection: over hash partitions planning costs more than running.
select set_config('plan_cache_mode', 'force_generic_plan', true);
