"""Import many files one after another: a refused file does not stop the others."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec
import psycopg

from trustmed.region.nsi.files.columns import Notes
from trustmed.region.nsi.files.reading import ImportRequest
from trustmed.region.nsi.files.refusals import ImportRefused
from trustmed.region.nsi.importing.read_ahead import NextTable, read_ahead
from trustmed.region.nsi.importing.sources import Source, find_sources
from trustmed.region.nsi.importing.store import ImportResult, store_table
from trustmed.region.nsi.order import is_oid
from trustmed.region.nsi.versions.errors import AlreadyInForce
from trustmed.region.nsi.versions.model import Publication
from trustmed.region.nsi.versions.sync_service import find_all_versions, find_newest_passport, publish


def split_arguments(what: Iterable[str]) -> tuple[list[Path], list[str]]:
    """Split arguments into paths and OIDs: an OID is what looks like one and is not a file here."""
    words = list(what)
    oids = [word for word in words if is_oid(word) and not Path(word).exists()]
    return [Path(word) for word in words if word not in oids], oids


class Step(msgspec.Struct, frozen=True):
    """What came of one file of an import. `number` of `total` counts from 1."""

    source: Source
    number: int
    total: int
    imported: ImportResult | None = None
    refused: ImportRefused | None = None
    notes: Notes = ()


def import_paths(
    connection: psycopg.Connection,
    paths: Iterable[Path],
    author: str,
    on_step: Callable[[Step], None],
    request: ImportRequest = ImportRequest(),  # noqa: B008 (frozen)
    on_begin: Callable[[str, int, int], None] = lambda name, number, total: None,
    *,
    only_new: bool = False,
) -> list[Step]:
    """Import everything at the paths, older versions first. `only_new`: skip, unread, a file whose version is already
    held.

    Raises NothingToImport, ImportBusy, NotStored; a refused file is a step of its own and changes nothing.
    """
    sources = find_sources(paths)
    if only_new:
        versions = find_all_versions(connection)
        sources = tuple(one for one in sources if not _is_held_whole(one, versions))
    steps: list[Step] = []
    with read_ahead(sources, request) as next_table:
        for number, one in enumerate(sources, 1):
            on_begin(one.path.name, number, len(sources))
            steps.append(_import_file(connection, one, author, (number, len(sources)), next_table))
            on_step(steps[-1])
    return steps


def publish_newest(connection: psycopg.Connection, oids: Iterable[str], author: str, reason: str) -> list[Publication]:
    """Put the newest versions of these dictionaries in force, unless they already are."""
    publications: list[Publication] = []
    for oid in dict.fromkeys(oids):
        try:
            publications.append(publish(connection, oid, None, author, reason))
        except AlreadyInForce:
            continue
    return publications


def _import_file(
    connection: psycopg.Connection, source: Source, author: str, place: tuple[int, int], next_table: NextTable
) -> Step:
    try:
        table = next_table(source, lambda oid: find_newest_passport(connection, oid))
        return Step(source, *place, imported=store_table(connection, table, author), notes=table.heading.notes)
    except ImportRefused as refused:
        return Step(source, *place, refused=refused)


def _is_held_whole(source: Source, versions: Mapping[tuple[str, str], bool]) -> bool:
    """Whether the version is held, and not as an extract, which has yet to be completed."""
    return versions.get((source.oid or "", source.version or "")) is False
