"""How either side books: under locks taken in one order, by statements planned once a connection."""

from collections.abc import Iterable
from typing import Final, LiteralString

from psycopg import AsyncConnection

from trustmed.db.queries import load

_QUERIES = load(__package__)
HOLD: Final[LiteralString] = _QUERIES["hold"]
PLAN_ONCE: Final[LiteralString] = _QUERIES["plan_once"]


async def take_locks(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Take `patient:<id>`, `slot:<id>` and other locks until the transaction ends, in the one order everybody does."""
    await connection.execute(HOLD, {"names": list(set(names))})
