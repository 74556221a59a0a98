"""The audit trails of a topology: check each with what the other side was told of it, let go what is past keeping."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.audit.checking import Verdict, anchors_of, check_trail
from trustmed.audit.seals import Anchor
from trustmed.db.queries import load
from trustmed.errors import Broken, TrustMedError
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology

sql = load(__package__)
ROLE: Final = "trustmed_auditor"


class Report(msgspec.Struct, frozen=True):
    """How one database's trail stands. `witnesses` hold anchors of it; those that did not answer are `silent`.

    `verdict` is None if the database itself could not be read; then the error says why.
    """

    database: str
    verdict: Verdict | None
    witnesses: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    error_ru: str | None = None
    error_en: str | None = None


class Part(msgspec.Struct, frozen=True):
    """A part of the trail: rows from `from_at` to before `until_at`; `last_seal` is the last that has rows of it."""

    name: str
    from_at: datetime | None
    until_at: datetime
    last_seal: int | None
    is_sealed: bool


class TrailUnsound(Broken):
    """What is past keeping may go only from a trail that is sound, sealed, and known to the other side."""


def trails(topology: Topology, site: str | None = None) -> tuple[Database, ...]:
    """Return the databases whose trails there are: of a site, by default of the region and all sites."""
    wanted = topology.site_named(site).name if site else None
    return tuple(one for one in topology.databases() if wanted is None or one.site == wanted)


def check_trails(
    topology: Topology, site: str | None = None, on_progress: Callable[[str, Verdict], None] = lambda *_: None
) -> Iterator[Report]:
    """Check one trail after another."""
    for database in trails(topology, site):
        yield check_database(topology, database, on_progress)


def check_database(
    topology: Topology, database: Database, on_progress: Callable[[str, Verdict], None] = lambda *_: None
) -> Report:
    """Check the trail of a database; a database that cannot be read makes no other unread."""
    anchors, asked, silent = _anchors(topology, database)
    try:
        with connect(topology, database, ROLE, "audit verify") as connection:
            verdict = check_trail(connection, anchors, lambda so_far: on_progress(database.label, so_far))
    except TrustMedError as error:
        return Report(database.label, None, asked, silent, error.ru, error.en)
    return Report(database.label, verdict, asked, silent)


def _witnesses(topology: Topology, database: Database) -> tuple[Database, ...]:
    """Return the databases of the other side, to which the heads of this one's chain travel."""
    if database.site is not None:
        return (topology.database_of(Place.RECORD, topology.site_named(database.site)),)
    return tuple(topology.database_of(Place.SITE, site) for site in topology.site)


def _anchors(topology: Topology, database: Database) -> tuple[list[Anchor], tuple[str, ...], tuple[str, ...]]:
    """Return the anchors that the other side kept, who was asked, and who did not answer."""
    found: set[Anchor] = set()
    asked: list[str] = []
    silent: list[str] = []
    for witness in _witnesses(topology, database):
        try:
            with connect(topology, witness, ROLE, "audit verify") as connection:
                found.update(anchors_of(connection, database.label))
            asked.append(witness.label)
        except (TrustMedError, psycopg.Error):
            silent.append(witness.label)
    return sorted(found, key=lambda anchor: (anchor.number, anchor.at)), tuple(asked), tuple(silent)


def parts_before(connection: psycopg.Connection, before: datetime) -> list[Part]:
    """Return the parts of the trail that ended before a moment, the oldest first."""
    with connection.cursor(row_factory=class_row(Part)) as cursor:
        return [part for part in cursor.execute(sql["parts"]).fetchall() if part.until_at <= before]


def months_ago(months: int, now: datetime | None = None) -> datetime:
    """Return the beginning of the month so many months before this one, by the clock of Greenwich."""
    now = now or datetime.now(UTC)
    number = now.year * 12 + now.month - 1 - months
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def drop_past_keeping(topology: Topology, database: Database, before: datetime, by_name: str) -> list[tuple[Part, int]]:
    """Drop the parts that ended before a moment; return them with how many rows each had.

    Raises TrailUnsound if the trail is not sound, or if the other side was not told of the seals of a part.
    """
    with connect(topology, database, ROLE, "audit retention") as connection:
        parts = parts_before(connection, before)
        if not parts:
            return []
        report = check_database(topology, database)
        for part in parts:
            check_may_go(report, part)
        values: list[dict[str, Any]] = [{"part": part.name, "by_name": by_name} for part in parts]
        return [(part, _dropped_rows(connection, value)) for part, value in zip(parts, values, strict=True)]


def _dropped_rows(connection: psycopg.Connection, values: dict[str, Any]) -> int:
    row = connection.execute(sql["drop_part"], values).fetchone()
    return row[0] if row else 0


def check_may_go(report: Report, part: Part) -> None:
    """Raise TrailUnsound unless the part may be dropped."""
    verdict = report.verdict
    if verdict is None or not verdict.is_sound:
        raise TrailUnsound(
            f"Журнал базы {report.database} не сходится с печатями, ничего не удалено. Выполните"
            " trustmed audit verify.",
            f"The trail of {report.database} does not match its seals: nothing was dropped. Run trustmed audit verify.",
        )
    if not part.is_sealed:
        raise TrailUnsound(
            f"В части {part.name} базы {report.database} есть строки без печати: ничего не удалено. Запустите"
            " веб-сервер и подождите минуту.",
            f"Part {part.name} of {report.database} has rows that no seal has: nothing was dropped. Start the web"
            " server and wait a minute.",
        )
    if part.last_seal is not None and (verdict.anchored_through or 0) < part.last_seal:
        raise TrailUnsound(
            f"Печати части {part.name} базы {report.database} ещё не у другой стороны: ничего не удалено."
            " Проверьте связь (trustmed topology status) и повторите.",
            f"The seals of part {part.name} of {report.database} are not with the other side yet: nothing was dropped."
            " Look at the link (trustmed topology status) and try again.",
        )
