"""What both sides run when they book: take locks in one order, and plan statements once a connection."""

from collections.abc import Iterable
from typing import Final, LiteralString

from psycopg import AsyncConnection

from trustmed.db.queries import load

_QUERIES = load(__package__)
TAKE_LOCKS: Final[LiteralString] = _QUERIES["take_locks"]
PLAN_ONCE: Final[LiteralString] = _QUERIES["plan_once"]


async def take_locks(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Take `patient:<id>`, `slot:<id>` and other locks until the transaction ends, in the one order everybody does."""
    await connection.execute(TAKE_LOCKS, {"names": list(set(names))})
