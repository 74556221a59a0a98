"""Seal the audit trails of a program's databases behind its work, and hand the newest seals to the other side.

Any number of processes may do this: a lock of the database lets one seal at a time, the others pass by.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.abc import QueryNoTemplate
from psycopg.rows import dict_row

from trustmed.db.queries import load
from trustmed.errors import Unavailable

sql = load(__package__)
log = structlog.get_logger()

EVERY_SECONDS: Final = 20.0
ANCHOR_EVERY_SECONDS: Final = 300.0
MONTHS_EVERY_SECONDS: Final = 6 * 3600.0
ROWS_OF_SEAL: Final = 1000
"""A seal takes some milliseconds of one core, and nobody waits for it."""
MOST_SEALS: Final = 20

Open = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
Head = dict[str, Any]


class Sealer:
    """Seal the trails of `databases`, by label; `hand_over` tells the other side of a head, in the database `through`.

    `hand_over` is the name of a query and the values it takes beside those of the head.
    """

    def __init__(self, databases: Mapping[str, Open], through: Open, hand_over: str, values: dict[str, Any]) -> None:
        self._databases = databases
        self._through = through
        self._hand_over: QueryNoTemplate = sql[hand_over]
        self._values = values
        self._handed_at = float("-inf")
        self._months_at = float("-inf")

    async def work(self) -> None:
        """Seal what there is; now and then hand over the heads and make the parts of the months to come."""
        now = time.monotonic()
        with_months = now - self._months_at >= MONTHS_EVERY_SECONDS
        heads: list[Head] = []
        for label, opened in self._databases.items():
            try:
                heads += [head | {"origin": label} for head in await _tend(opened, with_months)]
            except (Unavailable, psycopg.OperationalError) as error:
                log.info("trail_not_sealed", database=label, error=type(error).__name__)
        if with_months:
            self._months_at = now
        if heads and now - self._handed_at >= ANCHOR_EVERY_SECONDS:
            await self._hand(heads)
            self._handed_at = now

    async def _hand(self, heads: Sequence[Head]) -> None:
        async with self._through() as connection:
            for head in heads:
                await connection.execute(self._hand_over, self._values | head)


async def _tend(opened: Open, with_months: bool) -> list[Head]:
    """Make the months' parts if asked to, seal, and return the head of the chain, if there is one."""
    async with opened() as connection:
        if with_months:
            await connection.execute(sql["make_months"])
        await seal(connection)
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(sql["head"])
            return await cursor.fetchall()


async def seal(connection: AsyncConnection) -> int:
    """Seal the rows no running transaction can still add to, many but not all of a backlog; return how many.

    Each seal is a transaction of its own.
    """
    sealed = 0
    for _ in range(MOST_SEALS):
        cursor = await connection.execute(sql["seal_next"], {"most": ROWS_OF_SEAL})
        row = await cursor.fetchone()
        sealed += row[0] if row else 0
        if not row or row[0] < ROWS_OF_SEAL:
            break
    return sealed
