"""Whether the two ends of a link still fit each other: publication, tables, columns, keys, partitions."""

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.topology.flows import key_columns
from trustmed.topology.links import Link, PublishedTable
from trustmed.topology.native.carried import published_table

QUERIES = load(__package__)
NATIVE = load("trustmed.topology.native")


class Column(msgspec.Struct, frozen=True, array_like=True):
    """`demanded`: it must be given, having no default."""

    type: str
    demanded: bool


class Table(msgspec.Struct, frozen=True):
    """A table at one end. `identified`: a change names the row it changes (there is a replica identity)."""

    columns: dict[str, Column]
    key: tuple[str, ...]
    partitions: tuple[str, ...]
    identified: bool


class Shape(msgspec.Struct, frozen=True):
    """`published` is None without the publication; `altered` says in what it differs from what the link carries."""

    published: bool
    altered: tuple[str, ...]
    drift: tuple[str, ...]
    newer: tuple[str, ...]


def shape_of(
    source: psycopg.Connection, target: psycopg.Connection, link: Link, organizations: tuple[int, ...]
) -> Shape:
    """`organizations`: whose rows the target was filled with, which may be not yet what the file says."""
    names = [item.table for item in link.published]
    carried = dict(source.execute(QUERIES["carried"], {"link": link.name}).fetchall())
    here, there = _tables(source, [*{*names, *carried}]), _tables(target, [*{*names, *carried}])
    newer, ahead = _journals(source, target)
    return Shape(
        published=bool(carried),
        altered=_altered(source, link, organizations),
        drift=drift(carried, here, there, strict=not ahead),
        newer=newer if link.source.site is not None else (),
    )


def drift(
    carried: dict[str, list[str]], here: dict[str, Table], there: dict[str, Table], *, strict: bool = True
) -> tuple[str, ...]:
    """What does not meet, table by table. Not `strict`: the target is ahead by migrations, so types may differ."""
    found: list[str] = []
    for name in sorted({*carried, *here, *there}):
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
    found += [f"{c}: не передаётся / not carried" for c in sorted(own.columns.keys() - {*carried})]
    if not strict:
        return found
    for column in sorted(own.columns.keys() & other.columns.keys()):
        here, there = own.columns[column].type, other.columns[column].type
        if here != there:
            found.append(f"{column}: {here} ≠ {there}")
    lacking = (c for c, it in other.columns.items() if it.demanded and c not in own.columns)
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
    rows = connection.execute(QUERIES["table_shapes"], {"tables": names}).fetchall()
    return {
        name: Table(msgspec.convert(columns, dict[str, Column]), tuple(key), tuple(partitions), identified)
        for name, columns, key, partitions, identified in rows
    }


def _altered(source: psycopg.Connection, link: Link, organizations: tuple[int, ...]) -> tuple[str, ...]:
    row = next((r for r in source.execute(NATIVE["publications"]).fetchall() if r[0] == link.name), None)
    if row is None:
        return ()
    _, proper, rows = row
    there = {item.table: item for item in (published_table(*one) for one in rows or ())}
    found = () if proper else ("свойства / options",)
    return (
        *found,
        *(item.table for item in link.published if not _carries(there.get(item.table), item, organizations)),
    )


def _carries(found: PublishedTable | None, wanted: PublishedTable, organizations: tuple[int, ...]) -> bool:
    """Whether the publication sends the rows it shall; those of organisations not applied yet are no change."""
    if found is None:
        return False
    choice = (found.organizations, found.link, found.other_rows)
    known = {(wanted.organizations, wanted.link, None)}
    if wanted.organizations:
        known.add((organizations, None, None))
    return choice in known


def _journals(source: psycopg.Connection, target: psycopg.Connection) -> tuple[tuple[str, ...], bool]:
    """Migrations the source has and the target lacks, in components both have; whether the target has such."""
    here = {tuple(row) for row in source.execute(QUERIES["journal"]).fetchall()}
    there = {tuple(row) for row in target.execute(QUERIES["journal"]).fetchall()}
    shared = {row[0] for row in here} & {row[0] for row in there}
    newer = tuple(f"{c}/{n:04}_{name}" for c, n, name in sorted(here - there) if c in shared)
    return newer, any(row[0] in shared for row in there - here)
