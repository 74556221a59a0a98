"""Limit how often something is done: each name has a bucket of tokens, refilled evenly, in this process's memory."""

import time
from collections.abc import Callable
from typing import Final

import msgspec

MOST_BUCKETS: Final = 20_000


class _Bucket(msgspec.Struct):
    tokens: float
    at: float
    full_at: float


class Buckets:
    """The buckets by name; call `take` once for each act. A bucket that is full again may be forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str, per_second: float, burst: float | None = None) -> float:
        """Take a token; return 0.0, or how many seconds to wait if there is none. `burst`: the bucket's size."""
        now, size = self._clock(), burst or per_second
        bucket = self._buckets.get(name) or self._new(name, size, now)
        bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        has_one = bucket.tokens >= 1
        if has_one:
            bucket.tokens -= 1
        bucket.full_at = now + (size - bucket.tokens) / per_second
        return 0.0 if has_one else (1 - bucket.tokens) / per_second

    def _new(self, name: str, size: float, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets = {key: one for key, one in self._buckets.items() if one.full_at > now}
        return self._buckets.setdefault(name, _Bucket(size, now, now))
