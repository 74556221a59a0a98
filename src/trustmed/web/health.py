"""`/health` and `/ready` tell how the application is.

Parts are examined in the background, over connections of the examiner's own: however often anybody asks, no pool gives
up a connection, and an exhausted pool makes nobody ill. What a stranger reads is the state of each part and its age;
why a part is away stands in the log, once for each change.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Literal

import msgspec
import structlog
from litestar import Litestar, Request, Response, get
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError
from psycopg.conninfo import make_conninfo

from trustmed.db.pool import hang_up_after
from trustmed.web.tasks import end_tasks, repeat

State = Literal["ok", "degraded", "down"]
PERIOD_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 5.0
"""A probe has a shorter limit of its own and says what failed; this one is the last resort."""
GLANCE_SECONDS: Final = 2
CONNECT_SECONDS: Final = 4
"""A machine that has just started, and everything on it, is slow."""
log = structlog.get_logger()


class Part(msgspec.Struct, frozen=True):
    """`degraded`: the application works, but not all of it. `down`: it cannot do its main work."""

    state: State
    detail: str | None = None


class PartView(msgspec.Struct, frozen=True):
    state: State


class Health(msgspec.Struct, frozen=True):
    """How the parts were `age_seconds` ago."""

    state: State
    age_seconds: float
    parts: dict[str, PartView]


Probe = Callable[[], Awaitable[Part]]


class Examiner:
    """Examines the parts every PERIOD_SECONDS while the application lives, and at once when first asked."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._found: dict[str, Part] = {}
        self._at = float("-inf")
        self._current: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def examining(self, _: Litestar) -> AsyncGenerator[None]:
        """Examine the parts while the block runs."""
        self._found, self._current = {}, None
        task = asyncio.create_task(repeat(self._examine, PERIOD_SECONDS, "health_not_examined"))
        try:
            yield
        finally:
            await end_tasks(task)
            if self._current is not None:
                await asyncio.wait([self._current])
            for probe in self._probes.values():
                if isinstance(probe, DatabaseProbe):
                    await probe.close()

    async def health(self) -> Health:
        """Return what was found last; only the very first caller waits."""
        if not self._found:
            await self._examine()
        states = {part.state for part in self._found.values()}
        state: State = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
        views = {name: PartView(part.state) for name, part in self._found.items()}
        return Health(state, round(time.monotonic() - self._at, 1), views)

    async def _examine(self) -> None:
        """Examine the parts, or wait for the examination that is going on: a probe has one connection."""
        if self._current is None or self._current.done():
            self._current = asyncio.create_task(self._ask_all())
        await asyncio.shield(self._current)

    async def _ask_all(self) -> None:
        """Ask all parts at once; a part that does not answer in time is down."""
        found = await asyncio.gather(*(_ask(probe) for probe in self._probes.values()))
        for name, part in zip(self._probes, found, strict=True):
            before = self._found.get(name, Part("ok"))
            if part.state != before.state:
                log.warning("part_changed", part=name, state=part.state, before=before.state, why=part.detail)
            self._found[name] = part
        self._at = time.monotonic()


async def _ask(probe: Probe) -> Part:
    try:
        return await asyncio.wait_for(probe(), PATIENCE_SECONDS)
    except TimeoutError:
        return Part("down", "no answer in time")


class DatabaseProbe:
    """Asks a database over one connection of its own, made anew when it is lost. `away`: what its absence means."""

    def __init__(self, conninfo: str, away: State = "down") -> None:
        self._conninfo = make_conninfo(conninfo, connect_timeout=CONNECT_SECONDS)
        self._away: State = away
        self._connection: AsyncConnection | None = None

    async def __call__(self) -> Part:
        try:
            if self._connection is None:
                self._connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
            with hang_up_after(self._connection, GLANCE_SECONDS):
                await self._connection.execute("select 1")
        except DatabaseError as error:
            await self.close()
            return Part(self._away, type(error).__name__)
        return Part("ok")

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DatabaseError):
                await connection.close()


@get("/health", opt={"exclude_from_csrf": True, "machine_only": True}, include_in_schema=False)
async def health(request: Request[Any, Any, Any]) -> Response[Health]:
    found = await request.app.state.examiner.health()
    return Response(found, status_code=503 if found.state == "down" else 200)


@get("/ready", opt={"exclude_from_csrf": True, "machine_only": True}, include_in_schema=False)
async def ready(request: Request[Any, Any, Any]) -> Response[str]:
    """Tell a balancer whether to send people here."""
    found = await request.app.state.examiner.health()
    is_ready = found.state != "down"
    return Response("ready" if is_ready else "not ready", status_code=200 if is_ready else 503, media_type="text/plain")
