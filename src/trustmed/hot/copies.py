"""Read hot copies: from Redis if there is a fresh copy, otherwise from the database."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import uuid4

from trustmed.hot.protocol import LOOK, LOOK_MANY, STORE, copy_key, epochs, lease_key, names
from trustmed.hot.redis import HotRedis

LARGEST_COPY = 1 << 20


class HotCopies:
    """Hot copies for the readers of one event loop. If `url` is None there is no Redis, and every read is direct.

    `form` tells how a copy is encoded (`form.form_of` its type). A copy of another form, written by another version of
    the program, counts as missing.
    """

    def __init__(self, url: str | None) -> None:
        self._redis = HotRedis(url)
        self._look = self._redis.script(LOOK)
        self._look_many = self._redis.script(LOOK_MANY)
        self._store = self._redis.script(STORE)

    @property
    def is_up(self) -> bool:
        """Whether Redis is configured and answered last time."""
        return self._redis.is_up

    async def get(self, key: str, realms: Iterable[str], form: str = "") -> bytes | None:
        """Return the fresh copy that all these realms vouch for, if there is one."""
        state, _, value = await self._ask(names(key, realms), "", form)
        return value if state == b"hit" else None

    async def get_many(self, keys: Sequence[str], realms: Iterable[str], form: str = "") -> list[bytes | None]:
        """Return for each key what `get` returns, in one round trip."""
        if not keys:
            return []
        asked = [*(copy_key(key) for key in keys), *epochs(realms)]
        return await self._look_many(asked, [len(keys), form]) or [None] * len(keys)

    async def fill(
        self,
        key: str,
        read: Callable[[], Awaitable[bytes]],
        realms: Iterable[str],
        form: str = "",
        worth: Callable[[bytes], bool] = lambda _: True,
    ) -> bytes:
        """Return the copy, or what `read` returns; store the latter unless the key was dropped meanwhile. Raises what
        `read` raises.

        `realms` must name all that vouch for what `read` reads (`protocol.realm`). A value is stored only if `worth`
        accepts it.
        """
        keys = names(key, realms)
        state, epochs, value = await self._ask(keys, uuid4().hex, form)
        if state == b"hit":
            return value
        fresh = await read()
        if state == b"miss" and len(fresh) <= LARGEST_COPY and worth(fresh):
            await self._store(keys, [epochs, value, fresh, form])
        return fresh

    async def drop(self, keys: Iterable[str]) -> None:
        """Drop these copies now, if Redis answers. The change feed drops them a little later in any case."""
        names = [name for key in keys for name in (copy_key(key), lease_key(key))]
        if names:
            await self._redis.ask(lambda redis: redis.delete(*names))

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._redis.close()

    async def _ask(self, keys: list[str], lease: str, form: str) -> tuple[bytes, bytes, bytes]:
        reply = await self._look(keys, [lease, form])
        return tuple(reply) if reply else (b"off", b"", b"")
