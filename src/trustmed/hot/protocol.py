"""The protocol of hot copies, as Redis scripts: a copy that is not known to be fresh is never returned.

- A realm is the set of copies that one effect of the change feed drops because of the changes of one database. It has
  an epoch: a random word that the effect keeps alive while it is up to date, and replaces whenever a drop may have been
  lost. A copy names the realms that vouch for it. It is not trusted if one of them has no epoch, or has another epoch
  than the one under which the copy was made.
- A copy has a form: a word for how it is encoded. Another version of the program may encode it differently, so a copy
  of another form counts as missing.
- A reader that fills a copy leaves a random lease, reads the database, and stores the copy only if its lease and the
  epochs are still there.
- A drop deletes the copy and the lease. If a flush, an eviction or a restart loses any of these keys, the copy is
  refused or read again, never trusted.

This works with a single Redis (or Sentinel's master); Redis Cluster would need one hash tag in all keys.
"""

from collections.abc import Iterable
from typing import Final

# The effect vouches about once a second: copies lose trust after some five misses.
EPOCH_MS: Final = 5_000
LEASE_MS: Final = 60_000
COPY_MS: Final = 60_000

# Return the form and the current epochs of all realms; nil if one has no epoch, or if there are no realms.
_EPOCHS: Final = """
local function epochs(first, form)
    if #KEYS < first then return nil end
    local words = {form}
    for number = first, #KEYS do
        local word = redis.call('GET', KEYS[number])
        if not word then return nil end
        words[#words + 1] = KEYS[number] .. ' ' .. word
    end
    return table.concat(words, '\\n')
end
"""

# KEYS: copy, lease, epochs. ARGV: a new lease (empty: only look), the form. Reply: {state, epochs, copy or lease}.
LOOK: Final = f"""{_EPOCHS}
local now = epochs(3, ARGV[2])
if not now then return {{'off', '', ''}} end
local copy = redis.call('HMGET', KEYS[1], 'epochs', 'value')
if copy[1] == now and copy[2] then return {{'hit', now, copy[2]}} end
if ARGV[1] == '' then return {{'miss', now, ''}} end
local lease = redis.call('GET', KEYS[2])
if not lease then
    lease = ARGV[1]
    redis.call('SET', KEYS[2], lease, 'PX', {LEASE_MS})
end
return {{'miss', now, lease}}
"""

# KEYS: copies, epochs. ARGV: how many copies, their form. Reply: the value of each copy, nil if it is not fresh.
LOOK_MANY: Final = f"""{_EPOCHS}
local count = tonumber(ARGV[1])
local now, found = epochs(count + 1, ARGV[2]), {{}}
for number = 1, count do
    local copy = redis.call('HMGET', KEYS[number], 'epochs', 'value')
    found[number] = now and copy[1] == now and copy[2] or false
end
return found
"""

# KEYS: copy, lease, epochs. ARGV: epochs and lease as LOOK returned them, the value, its form. Reply: 1 if stored.
STORE: Final = f"""{_EPOCHS}
if epochs(3, ARGV[4]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'epochs', ARGV[1], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[1], {COPY_MS})
return 1
"""

# KEYS: the key of a realm's epoch. ARGV: the epoch. Reply: 1 if it was there already.
PROCLAIM: Final = f"""
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], {EPOCH_MS})
    return 1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', {EPOCH_MS})
return 0
"""


def realm(effect: str, source: str) -> str:
    """Return the name of the realm of an effect (its consumer's name) in `source`, the label of a database."""
    return f"{effect}@{source}"


def names(key: str, realms: Iterable[str]) -> list[str]:
    """Return the KEYS of LOOK and STORE, the same for any order of realms."""
    return [copy_key(key), lease_key(key), *epochs(realms)]


def epochs(realms: Iterable[str]) -> list[str]:
    """Return the Redis keys of the realms' epochs."""
    return [epoch_key(one) for one in sorted(set(realms))]


def epoch_key(realm: str) -> str:
    return f"hot:epoch:{realm}"


def copy_key(key: str) -> str:
    return f"hot:copy:{key}"


def lease_key(key: str) -> str:
    return f"hot:lease:{key}"
