"""Import many files one after another: a refused file does not stop the others."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec
import psycopg

from trustmed.region.nsi.files.columns import Notes
from trustmed.region.nsi.files.reading import Asked
from trustmed.region.nsi.files.refusals import ImportRefused
from trustmed.region.nsi.importing.ahead import Ready, ahead
from trustmed.region.nsi.importing.found import Found, found_at
from trustmed.region.nsi.importing.store import Imported, put
from trustmed.region.nsi.order import is_oid
from trustmed.region.nsi.versions.errors import AlreadyInForce
from trustmed.region.nsi.versions.held import held_names, held_passport, publish
from trustmed.region.nsi.versions.model import Publication


def sorted_out(what: Iterable[str]) -> tuple[list[Path], list[str]]:
    """Split arguments into paths and OIDs: an OID is what looks like one and is not a file here."""
    words = list(what)
    oids = [word for word in words if is_oid(word) and not Path(word).exists()]
    return [Path(word) for word in words if word not in oids], oids


class Step(msgspec.Struct, frozen=True):
    """What came of one file of an import. `number` of `total` counts from 1."""

    found: Found
    number: int
    total: int
    imported: Imported | None = None
    refused: ImportRefused | None = None
    notes: Notes = ()


def load_paths(
    connection: psycopg.Connection,
    paths: Iterable[Path],
    author: str,
    on_step: Callable[[Step], None],
    asked: Asked = Asked(),  # noqa: B008 (frozen)
    on_begin: Callable[[str, int, int], None] = lambda name, number, total: None,
    *,
    only_new: bool = False,
) -> list[Step]:
    """Import everything at the paths, older versions first. `only_new`: skip, unread, a file whose version is already
    held.

    Raises NothingToImport, ImportBusy, NotStored; a refused file is a step of its own and changes nothing.
    """
    found = found_at(paths)
    if only_new:
        held = held_names(connection)
        found = tuple(one for one in found if not _is_held(one, held))
    steps: list[Step] = []
    with ahead(found, asked) as ready:
        for number, one in enumerate(found, 1):
            on_begin(one.path.name, number, len(found))
            steps.append(_step(connection, one, author, (number, len(found)), ready))
            on_step(steps[-1])
    return steps


def publish_newest(connection: psycopg.Connection, oids: Iterable[str], author: str, reason: str) -> list[Publication]:
    """Put the newest versions of these dictionaries in force, unless they already are."""
    done: list[Publication] = []
    for oid in dict.fromkeys(oids):
        try:
            done.append(publish(connection, oid, None, author, reason))
        except AlreadyInForce:
            continue
    return done


def _step(connection: psycopg.Connection, found: Found, author: str, place: tuple[int, int], ready: Ready) -> Step:
    try:
        table = ready(found, lambda oid: held_passport(connection, oid))
        return Step(found, *place, imported=put(connection, table, author), notes=table.notes)
    except ImportRefused as refused:
        return Step(found, *place, refused=refused)


def _is_held(found: Found, held: Mapping[tuple[str, str], bool]) -> bool:
    """Whether the version is held whole: an extract has yet to be completed."""
    return held.get((found.oid or "", found.version or "")) is False
