"""The change feed's side of the hot copies: drop them, and vouch for the rest while the feed is up to date."""

import threading
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from trustmed.hot.protocol import PROCLAIM, copy_key, epoch_key, lease_key, realm

TIMEOUT_SECONDS = 0.5
_KEYS_A_CALL = 500

log = structlog.get_logger("trustmed.hot")


class HotDrops:
    """Drops copies of one realm. It never waits: if a drop may have been lost, a new epoch makes all copies of the
    realm worthless.

    Every new connection starts a new epoch too, because a Redis that came back may hold copies that were dropped. If
    `url` is None there is no Redis and nothing to drop. Threads may share it.
    """

    def __init__(self, url: str | None, realm: str) -> None:
        self._epoch_key = epoch_key(realm)
        self._epoch = uuid4().hex
        self._lock = threading.Lock()
        self._failing = False
        self._connections = None if url is None else _Connections(url)
        self._redis = None if self._connections is None else redis.Redis(connection_pool=self._connections.pool)
        self._proclaim = None if self._redis is None else self._redis.register_script(PROCLAIM)

    def drop(self, keys: Iterable[str]) -> bool:
        """Drop these copies. True: no reader that starts now gets an older one.

        False: Redis did not answer; a reader may get an old copy for as long as Redis trusts the old epoch
        (`EPOCH_MS`).
        """
        names = [name for key in dict.fromkeys(keys) for name in (copy_key(key), lease_key(key))]
        if self._redis is None or self._connections is None or not names:
            return True
        with self._lock:
            try:
                for start in range(0, len(names), _KEYS_A_CALL):
                    self._redis.delete(*names[start : start + _KEYS_A_CALL])
            except redis.RedisError as error:
                self._failed(error)
                return False
            return not (self._failing or self._connections.made.is_set()) or self._proclaimed()

    def drop_all(self) -> bool:
        """Make every copy of the realm worthless. Return as `drop` does."""
        with self._lock:
            self._epoch = uuid4().hex
            return self._proclaimed()

    def vouch(self) -> bool:
        """Vouch that the effect has dropped everything it had to so far. Call it about once a second."""
        with self._lock:
            return self._proclaimed()

    def close(self) -> None:
        if self._redis is not None:
            self._redis.close()

    def _proclaimed(self) -> bool:
        if self._proclaim is None or self._connections is None:
            return True
        try:
            self._proclaim(keys=[self._epoch_key], args=[self._epoch])
            # Behind a new connection may be a Redis that came back with copies that were dropped: replace the epoch.
            if self._connections.made.is_set():
                self._connections.made.clear()
                self._epoch = uuid4().hex
                self._proclaim(keys=[self._epoch_key], args=[self._epoch])
        except redis.RedisError as error:
            self._failed(error)
            return False
        if self._failing:
            self._failing = False
            log.info("hot_copies_back")
        return not self._connections.made.is_set()

    def _failed(self, error: redis.RedisError) -> None:
        self._epoch = uuid4().hex
        if not self._failing:
            self._failing = True
            log.warning("hot_copies_unreachable", error=error)


class HotRealms:
    """The realms of one process's effects. Each has its own connections and learns about Redis through them alone."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._realms: dict[str, HotDrops] = {}

    def drops(self, effect: str, source: str) -> HotDrops:
        """Return the realm of an effect (its consumer's name) for the changes of a database (its label)."""
        name = realm(effect, source)
        with self._lock:
            if name not in self._realms:
                self._realms[name] = HotDrops(self._url, name)
            return self._realms[name]

    def close(self) -> None:
        with self._lock:
            for one in self._realms.values():
                one.close()


class _Connections:
    """Notes every new connection, including those that the client opens by itself."""

    def __init__(self, url: str) -> None:
        self.made = threading.Event()
        self.pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._make = self.pool.connection_class
        self.pool.connection_class = self._new  # pyright: ignore[reportAttributeAccessIssue]

    def _new(self, **options: Any) -> Any:
        connection = self._make(**options)
        connection.register_connect_callback(self._note)
        return connection

    def _note(self, _connection: object) -> None:
        self.made.set()
