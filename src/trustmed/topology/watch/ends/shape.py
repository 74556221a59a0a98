"""Compare the two ends of a link: publication, tables, columns, keys, partitions."""

from functools import cache

import msgspec
import psycopg

from trustmed.db.migrate import migrations_for
from trustmed.db.queries import load
from trustmed.db.rows import find_rows, find_structs
from trustmed.schema import Place
from trustmed.topology.flows import key_columns
from trustmed.topology.links import Link, PublishedTable
from trustmed.topology.native.carried import find_publications

QUERIES = load(__package__)


class Column(msgspec.Struct, frozen=True, array_like=True):
    """A column. `required`: it has no default and may not be null."""

    type: str
    required: bool


class Table(msgspec.Struct, frozen=True):
    """A table at one end. `identified`: it has a replica identity, so a change tells which row it changes."""

    columns: dict[str, Column]
    key: tuple[str, ...]
    partitions: tuple[str, ...]
    identified: bool


class AppliedMigration(msgspec.Struct, frozen=True, order=True):
    """A line of a database's migration journal."""

    component: str
    number: int
    name: str

    @property
    def title(self) -> str:
        return f"{self.component}/{self.number:04}_{self.name}"


class Shape(msgspec.Struct, frozen=True):
    """`published`: the publication is there. `altered`: its tables that are not published as the link carries them.

    `drift`: differences of the tables at both ends; `newer`: migrations of a site that the region lacks. `coming`:
    tables that the link will carry once both ends are upgraded.
    """

    published: bool
    altered: tuple[str, ...]
    drift: tuple[str, ...]
    newer: tuple[str, ...]
    coming: frozenset[str]


class Journals(msgspec.Struct, frozen=True):
    """How the migrations of the two ends compare. `newer`: those that only the source has.

    `uneven`: one end has migrations that the other lacks. `unfinished`: so it is, or this program knows later ones.
    """

    newer: tuple[str, ...]
    uneven: bool
    unfinished: bool


def shape_of(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    organizations: tuple[int, ...],
    subscribed: frozenset[str],
) -> Shape:
    """Compare the two ends. `organizations`: those whose rows the target has; the file may name more by now.

    `subscribed`: the tables of the subscription.
    """
    names = [item.table for item in link.published]
    carried = {row["name"]: row["columns"] for row in find_rows(source, QUERIES["carried"], {"link": link.name})}
    here, there = _tables(source, [*{*names, *carried}]), _tables(target, [*{*names, *carried}])
    journals = _journals(source, target, link)
    absent = {name for name in names if name not in here or name not in there}
    coming = frozenset(absent - carried.keys() - subscribed if journals.unfinished else ())
    return Shape(
        published=bool(carried),
        altered=tuple(name for name in _altered(source, link, organizations) if name not in coming),
        drift=drift(carried, here, there, strict=not journals.uneven, coming=coming),
        newer=journals.newer if link.source.site is not None else (),
        coming=coming,
    )


def drift(
    carried: dict[str, list[str]],
    here: dict[str, Table],
    there: dict[str, Table],
    *,
    strict: bool = True,
    coming: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the differences, table by table, without the tables that are `coming`.

    Not `strict`: one end is ahead by migrations, so types may differ, and the source may keep columns to itself that
    the target lacks.
    """
    found: list[str] = []
    for name in sorted({*carried, *here, *there} - coming):
        own, other = here.get(name), there.get(name)
        if other is None:
            found.append(f"{name}: нет у получателя / absent at the target")
        elif own is None:
            found.append(f"{name}: нет у источника / absent at the source")
        else:
            columns = carried.get(name) or list(own.columns)
            found += [f"{name}.{words}" for words in _columns(columns, own, other, strict)]
            found += [f"{name}: {words}" for words in _structure(name, own, other)]
    return tuple(found)


def _columns(carried: list[str], own: Table, other: Table, strict: bool) -> list[str]:
    found = [f"{c}: нет у получателя / absent at the target" for c in sorted({*carried} - other.columns.keys())]
    kept = own.columns.keys() - {*carried}
    found += [f"{c}: не передаётся / not carried" for c in sorted(kept if strict else kept & other.columns.keys())]
    if not strict:
        return found
    for column in sorted(own.columns.keys() & other.columns.keys()):
        here, there = own.columns[column].type, other.columns[column].type
        if here != there:
            found.append(f"{column}: {here} ≠ {there}")
    lacking = (c for c, it in other.columns.items() if it.required and c not in own.columns)
    return found + [f"{c}: обязателен у получателя / required at the target" for c in sorted(lacking)]


def _structure(name: str, own: Table, other: Table) -> list[str]:
    found: list[str] = []
    key = key_columns(name)
    for table, ru, en in ((own, "источника", "source"), (other, "получателя", "target")):
        if key and table.key != key:
            found.append(f"ключ {ru} / key of the {en}: ({', '.join(table.key)}) ≠ ({', '.join(key)})")
    if not own.identified:
        found.append("replica identity источника / of the source")
    odd = sorted({*own.partitions} ^ {*other.partitions})
    return [*found, f"секции / partitions: {', '.join(odd)}"] if odd else found


def _tables(connection: psycopg.Connection, names: list[str]) -> dict[str, Table]:
    return {
        row["name"]: Table(
            columns=msgspec.convert(row["columns"], dict[str, Column]),
            key=tuple(row["key"]),
            partitions=tuple(row["partitions"]),
            identified=row["identified"],
        )
        for row in find_rows(connection, QUERIES["table_shapes"], {"tables": names})
    }


def _altered(source: psycopg.Connection, link: Link, organizations: tuple[int, ...]) -> tuple[str, ...]:
    publication = next((one for one in find_publications(source) if one.name == link.name), None)
    if publication is None:
        return ()
    there = {item.table: item for item in publication.tables}
    found = () if publication.proper else ("свойства / options",)
    return (
        *found,
        *(item.table for item in link.published if not _carries(there.get(item.table), item, organizations)),
    )


def _carries(found: PublishedTable | None, wanted: PublishedTable, organizations: tuple[int, ...]) -> bool:
    """Return whether the publication sends the rows it should: of the file's organisations, or of those applied."""
    if found is None:
        return False
    choice = (found.organizations, found.link, found.other_rows)
    known = {(wanted.organizations, wanted.link, None)}
    if wanted.organizations:
        known.add((organizations, None, None))
    return choice in known


def _journals(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> Journals:
    """Compare the migrations of the components that both ends have."""
    here, there = set(_journal(source)), set(_journal(target))
    shared = {item.component for item in here} & {item.component for item in there}
    newer = tuple(item.title for item in sorted(here - there) if item.component in shared)
    uneven = bool(newer) or any(item.component in shared for item in there - here)
    complete = _known(link.source.places) <= here and _known(link.target.places) <= there
    return Journals(newer, uneven, uneven or not complete)


@cache
def _known(places: frozenset[Place]) -> frozenset[AppliedMigration]:
    """Return every migration that this program knows for a database of these places."""
    return frozenset(AppliedMigration(one.component, one.number, one.name) for one in migrations_for(places))


def _journal(connection: psycopg.Connection) -> list[AppliedMigration]:
    return find_structs(connection, AppliedMigration, QUERIES["journal"])
