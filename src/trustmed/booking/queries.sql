-- name: take_locks
-- Lock persons, cards and slots until the transaction ends. Everybody takes locks in the order of names, so there is no
-- deadlock. The next statement sees what was written under the locks; this one does not, so it is a statement of its own.
select pg_advisory_xact_lock(hashtextextended(name, 0))
from (select name from unnest(%(names)s::text[]) as n (name) order by name collate "C") as n;

-- name: plan_once
-- Plan the statements of this transaction once a connection: over hash partitions, planning costs more than running.
select set_config('plan_cache_mode', 'force_generic_plan', true);
