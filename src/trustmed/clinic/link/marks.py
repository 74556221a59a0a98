"""Marks tie positions in the documents database's log to moments, so that a confirmed position tells until when
everything is at the region. A few marks are stored in the site's database, so a restart during a cut forgets
nothing.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.clinic.work import Databases
from trustmed.db.queries import load

sql = load(__package__)

KEEP_EVERY_SECONDS: Final = 5.0
MOST_MARKS: Final = 200_000


class Mark(msgspec.Struct, frozen=True):
    """Everything signed before `at` lies in the log before `position`."""

    at: datetime
    position: int


class Marks:
    """The last mark the region has passed, then the marks it has not passed yet, the oldest first."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._label = databases.documents_database.label
        self._marks: list[Mark] = []
        self._kept_at = 0.0
        self._are_new = True
        self._numbers = count()
        self._signing: dict[int, float] = {}

    @property
    def are_known(self) -> bool:
        return bool(self._marks)

    @contextmanager
    def signing(self) -> Generator[None]:
        """Keep marks made meanwhile from vouching for what is being committed inside the block."""
        number = next(self._numbers)
        self._signing[number] = time.monotonic()
        try:
            yield
        finally:
            del self._signing[number]
            self._are_new = True

    async def add(self) -> None:
        """Add a mark at the present end of the log."""
        oldest = min(self._signing.values(), default=None)
        mark = await self._end_of_log()
        if oldest is not None:
            age = timedelta(seconds=time.monotonic() - oldest)
            mark = Mark(mark.at - age, mark.position)
        if self._marks and self._marks[-1].position > mark.position:
            self._marks.clear()  # the database was restored from a backup, so its log starts anew
        self._marks.append(mark)

    def pass_to(self, confirmed: int) -> datetime | None:
        """Return the moment of the newest mark the region is past, and forget those before it."""
        passed = sum(1 for mark in self._marks if mark.position <= confirmed)
        if passed:
            del self._marks[: passed - 1]
        elif len(self._marks) > MOST_MARKS:
            del self._marks[1::2]  # a long cut: keep every other mark of the whole time
        return self._marks[0].at if passed else None

    async def store(self, until: datetime | None) -> None:
        """Store the newest mark now and then, if anything was signed since, and drop stored marks before `until`."""
        if not self._are_new or time.monotonic() - self._kept_at < KEEP_EVERY_SECONDS:
            return
        newest = self._marks[-1]
        async with self._databases.site.connection() as connection:
            values = {"database": self._label, "at": newest.at, "position": newest.position}
            await connection.execute(sql["keep_mark"], values)
            if until is not None:
                await connection.execute(sql["drop_marks"], {"database": self._label, "at": until})
        self._kept_at, self._are_new = time.monotonic(), bool(self._signing)

    async def restore(self) -> None:
        """Read the stored marks."""
        async with self._databases.site.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Mark))
            self._marks = await (await cursor.execute(sql["marks"], {"database": self._label})).fetchall()

    async def _end_of_log(self) -> Mark:
        async with (
            self._databases.documents.connection() as connection,
            connection.cursor(row_factory=class_row(Mark)) as cursor,
        ):
            await cursor.execute(sql["log_position"])
            found = await cursor.fetchone()
        if found is None:
            raise psycopg.DataError("no log position")
        return found
