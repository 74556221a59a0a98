"""`/health` tells whether the application can work and which of its parts cannot."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get
from psycopg import Error as DatabaseError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from trustmed.db.pool import hang_up_after

State = Literal["ok", "degraded", "down"]
PATIENCE_SECONDS: Final = (
    4.0  # a probe has a shorter limit of its own and says what failed; this one is the last resort
)
GLANCE_SECONDS: Final = 1.0


class Part(msgspec.Struct, frozen=True):
    """`degraded`: the application works, but not all of it. `down`: it cannot do its main work."""

    state: State
    detail: str | None = None


class Health(msgspec.Struct, frozen=True):
    state: State
    parts: dict[str, Part]


Probe = Callable[[], Awaitable[Part]]


async def examine(probes: Mapping[str, Probe]) -> Health:
    """Ask all parts at once; a part that does not answer in time is down."""
    found = await asyncio.gather(*(_ask(probe) for probe in probes.values()))
    parts = dict(zip(probes, found, strict=True))
    states = {part.state for part in found}
    state: State = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    return Health(state, parts)


async def _ask(probe: Probe) -> Part:
    try:
        return await asyncio.wait_for(probe(), PATIENCE_SECONDS)
    except TimeoutError:
        return Part("down", "no answer in time")


def database_part(pool: AsyncConnectionPool) -> Probe:
    """Return a probe that asks a database through its pool."""

    async def probe() -> Part:
        try:
            async with pool.connection(timeout=GLANCE_SECONDS) as connection:
                with hang_up_after(connection, 2 * GLANCE_SECONDS):
                    await connection.execute("select 1")
        except (DatabaseError, PoolTimeout) as error:
            return Part("down", str(error).strip())
        return Part("ok")

    return probe


@get("/health", opt={"exclude_from_csrf": True, "machine_only": True}, include_in_schema=False)
async def health(request: Request[Any, Any, Any]) -> Response[Health]:
    found = await examine(request.app.state.probes)
    return Response(found, status_code=503 if found.state == "down" else 200)
