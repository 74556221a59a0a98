"""What the region holds, over a connection of one's own: for commands and the seed. Pages use `service`."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.types.json import set_json_loads

from trustmed.db.queries import load
from trustmed.region.nsi.versions.difference import EXAMPLES, Pair, difference_of
from trustmed.region.nsi.versions.errors import DictionaryUnknown, TurnedMeanwhile
from trustmed.region.nsi.versions.model import DictionaryLine, Difference, Publication, SiteSpread, VersionLine
from trustmed.region.nsi.versions.service import compared, different_rows_values, turn_values, version_line
from trustmed.region.nsi.versions.spread import spread_of
from trustmed.region.nsi.versions.turning import to_publish, to_roll_back
from trustmed.region.pools import ROLE
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)


def opened(topology: Topology) -> AbstractContextManager[psycopg.Connection]:
    """A connection to the dictionaries' database, in autocommit. Raises ServerUnreachable."""
    return connect(topology, topology.database_of(Place.NSI), ROLE, "nsi")


def resolved(connection: psycopg.Connection, oid: str) -> str:
    """The dictionary's own OID by any of its OIDs. Raises DictionaryUnknown."""
    row = connection.execute(QUERIES["resolve_oid"], {"oid": oid}).fetchone()
    if row is None:
        raise DictionaryUnknown(oid)
    return row[0]


def held_dictionaries(connection: psycopg.Connection, oid: str | None = None) -> list[DictionaryLine]:
    """Every dictionary, or one by its own OID."""
    return _rows(connection, "dictionaries", {"oid": oid}, DictionaryLine)


def held_versions(connection: psycopg.Connection, oid: str) -> list[VersionLine]:
    """The versions of a dictionary, the newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [version_line(row) for row in cursor.execute(QUERIES["versions"], {"oid": oid}).fetchall()]


def held_passport(connection: psycopg.Connection, oid: str) -> dict[str, Any] | None:
    """The passport of the newest version of a dictionary, by any of its OIDs; None: there is none."""
    row = connection.execute(QUERIES["resolve_oid"], {"oid": oid}).fetchone()
    found = connection.execute(QUERIES["newest_passport"], {"oid": row[0]}).fetchone() if row else None
    return found[0] if found else None


def held_names(connection: psycopg.Connection) -> Mapping[tuple[str, str], bool]:
    """(OID or alias, version) of all that is held -> whether it is an extract."""
    return {(name, version): extract for name, version, extract in connection.execute(QUERIES["all_held"]).fetchall()}


def difference_between(
    connection: psycopg.Connection, oid: str, before: str | None, after: str, examples: int = EXAMPLES
) -> Difference:
    """Raises VersionUnknown."""
    held = {line.version: line for line in held_versions(connection, oid)}
    earlier, later = compared(oid, held, before, after)
    return difference_of_columns(connection, oid, before, after, (earlier, later), examples)


def difference_of_columns(
    connection: psycopg.Connection,
    oid: str,
    before: str | None,
    after: str,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    examples: int = EXAMPLES,
) -> Difference:
    """The same for versions that are known to be there, and their columns."""
    earlier, later = columns
    values = different_rows_values(oid, before, after, earlier, later)
    return difference_of(
        oid, before, after, (earlier, later), _rows(connection, "different_rows", values, Pair), examples
    )


def publish(
    connection: psycopg.Connection, oid: str, version: str | None, author: str, reason: str | None = None
) -> Publication:
    """Put a version (None: the newest held) in force.

    Raises DictionaryUnknown, VersionUnknown, AlreadyInForce, TurnedMeanwhile.
    """
    oid = resolved(connection, oid)
    held = held_versions(connection, oid)
    current = next((line.version for line in held if line.is_current), None)
    chosen = to_publish(oid, (line.version for line in held), current, version)
    return _turn(connection, turn_values(oid, chosen, current, "published", author, reason))


def rollback(connection: psycopg.Connection, oid: str, author: str, reason: str | None = None) -> Publication:
    """Put the version published before the one in force in force again.

    Raises DictionaryUnknown, NothingBefore, TurnedMeanwhile.
    """
    oid = resolved(connection, oid)
    turns = _rows(connection, "publications", {"oid": oid}, Publication)
    chosen = to_roll_back(oid, turns)
    return _turn(connection, turn_values(oid, chosen, turns[-1].version, "rolled_back", author, reason))


def spread(connection: psycopg.Connection, topology: Topology) -> list[SiteSpread]:
    """Every site of the topology with what it was last seen to hold."""
    holdings = connection.execute(QUERIES["holdings"]).fetchall()
    seen = connection.execute(QUERIES["sites_seen"]).fetchall()
    current = connection.execute(QUERIES["current_versions"]).fetchall()
    return spread_of(topology, holdings, dict(seen), dict(current))


def _turn(connection: psycopg.Connection, values: dict[str, object]) -> Publication:
    found = _rows(connection, "turn", values, Publication)
    if not found:
        raise TurnedMeanwhile(str(values["oid"]))
    return found[0]


def _rows(connection: psycopg.Connection, query: str, values: Mapping[str, object], kind: type) -> list[Any]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # thousands of rows may differ
        return cursor.execute(QUERIES[query], values).fetchall()
