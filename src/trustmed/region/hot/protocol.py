"""The protocol of hot copies, as Redis scripts: a copy that is not known to be fresh is never given out.

- `epoch`, a random word, is kept alive by the change feed while it is up to date. Without it nobody trusts any copy;
  a copy made under another epoch is none. The feed takes a new word whenever a drop may have been lost.
- Who fills a copy first leaves a random lease, reads the database, and stores only if lease and epoch are still there.
- A drop deletes the copy and the lease. What a flush, an eviction or a restart takes away makes a copy be refused or
  re-read, never be trusted.

A single Redis (or Sentinel's master) is meant; Redis Cluster would need one hash tag in all keys.
"""

from typing import Final
from uuid import UUID

EPOCH_KEY: Final = "hot:epoch"
EPOCH_MS: Final = 5_000
LEASE_MS: Final = 60_000
COPY_MS: Final = 60_000

# KEYS: epoch, copy, lease. ARGV: a fresh lease (empty: only look). Reply: {state, epoch, copy or lease}.
LOOK: Final = f"""
local epoch = redis.call('GET', KEYS[1])
if not epoch then return {{'off', '', ''}} end
local copy = redis.call('HMGET', KEYS[2], 'epoch', 'value')
if copy[1] == epoch and copy[2] then return {{'hit', epoch, copy[2]}} end
if ARGV[1] == '' then return {{'miss', epoch, ''}} end
local lease = redis.call('GET', KEYS[3])
if not lease then
    lease = ARGV[1]
    redis.call('SET', KEYS[3], lease, 'PX', {LEASE_MS})
end
return {{'miss', epoch, lease}}
"""

# KEYS: epoch, copy, lease. ARGV: epoch and lease as they were, the value. Reply: 1 if stored.
STORE: Final = f"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[3]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[2], {COPY_MS})
return 1
"""

# KEYS: epoch. ARGV: the feed's epoch. Reply: 1 if it was there already.
PROCLAIM: Final = f"""
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], {EPOCH_MS})
    return 1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', {EPOCH_MS})
return 0
"""


def documents_key(person_id: UUID) -> str:
    """The hot copy of a person's list of documents."""
    return f"person:{person_id}:documents"


def copy_key(key: str) -> str:
    return f"hot:copy:{key}"


def lease_key(key: str) -> str:
    return f"hot:lease:{key}"
