"""What a well-formed topology may still say wrong: names that do not meet, places taken twice, bad identifiers."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from trustmed.schema import Place
from trustmed.topology.file.problem import Problem
from trustmed.topology.file.spec import Topology
from trustmed.topology.watched import WATCHED

SEGMENTS = ("nsi", "mpi", "booking", "registry")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# An OID's arcs: X.660, without leading zeros; below 0 and 1 the second is at most 39.
OID = re.compile(r"([01]\.[1-3]?[0-9]|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*")
OGRN = re.compile(r"[0-9]{13}([0-9]{2})?")
HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-fA-F]*:[0-9a-fA-F:]+|/\S+")
ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
RESERVED = ("postgres", "template0", "template1")

Path = tuple[str | int, ...]
Named = Iterable[tuple[Path, str]]


def meaning_problems(topology: Topology) -> Iterator[Problem]:
    """Every problem; lines are filled in by the caller."""
    yield from _names(topology)
    yield from _references(topology)
    yield from _segments(topology)
    yield from _databases(topology)
    yield from _labels(topology)
    yield from _organizations(topology)
    yield from _addresses(topology)
    yield from _one_feed_a_server(topology)


def _names(topology: Topology) -> Iterator[Problem]:
    for table in ("server", "shard", "site"):
        named = [((table, index, "name"), item.name) for index, item in enumerate(getattr(topology, table))]
        yield from _twice(named)
        yield from _syntax(named)
        if not named:
            yield Problem((), 0, f"нет ни одной таблицы [[{table}]]", f"there is no [[{table}]] table")
    yield from _syntax(((*path, "database"), database) for path, _, database in _placed(topology))
    for path, _, database in _placed(topology):
        if database in RESERVED:
            ru = f"база «{database}» принадлежит самому серверу; назовите другую"
            yield Problem((*path, "database"), 0, ru, f"database {database!r} is the server's own; name another")


def _syntax(named: Named) -> Iterator[Problem]:
    for path, name in named:
        if not NAME.fullmatch(name):
            yield Problem(
                path,
                0,
                f"имя «{name}» не годится: строчные латинские буквы, цифры и _, с буквы, до 31 знака",
                f"name {name!r} will not do: lower-case Latin letters, digits and _, a letter first, up to 31",
            )


def _twice(named: Named) -> Iterator[Problem]:
    seen: dict[str, Path] = {}
    for path, value in named:
        if value in seen:
            other = Problem(seen[value], 0, "", "").key
            yield Problem(path, 0, f"«{value}» уже занято: {other}", f"{value!r} is taken already: {other}")
        seen.setdefault(value, path)


def _placed(topology: Topology) -> Iterator[tuple[Path, str, str]]:
    """(path, server, database) of everything that is placed somewhere."""
    for index, segment in enumerate(topology.segment):
        yield ("segment", index), segment.server, segment.database
    for index, shard in enumerate(topology.shard):
        yield ("shard", index), shard.server, shard.database
    for index, site in enumerate(topology.site):
        yield ("site", index), site.server, site.database
        if site.documents:
            yield ("site", index, "documents"), site.documents.server, site.documents.database


def _references(topology: Topology) -> Iterator[Problem]:
    servers = [server.name for server in topology.server]
    for path, server, _ in _placed(topology):
        yield from _unknown((*path, "server"), server, servers, "сервер", "server")
    shards = [shard.name for shard in topology.shard]
    for index, site in enumerate(topology.site):
        yield from _unknown(("site", index, "shard"), site.shard, shards, "шард", "shard")


def _unknown(path: Path, name: str, known: list[str], ru: str, en: str) -> Iterator[Problem]:
    if name not in known:
        names = ", ".join(known)
        yield Problem(
            path, 0, f"неизвестный {ru} «{name}»; есть: {names}", f"unknown {en} {name!r}; there are: {names}"
        )


def _segments(topology: Topology) -> Iterator[Problem]:
    yield from _twice((("segment", index, "name"), item.name) for index, item in enumerate(topology.segment))
    missing = ", ".join(name for name in SEGMENTS if name not in {item.name for item in topology.segment})
    if missing:
        yield Problem(
            ("segment",), 0, f"не размещены сегменты: {missing}", f"segments that are placed nowhere: {missing}"
        )


def _databases(topology: Topology) -> Iterator[Problem]:
    """A database belongs to the region or to one site; two shards in one database would not be two."""
    owners: dict[tuple[str, str], tuple[str, Path]] = {}
    for path, server, database in _placed(topology):
        owner = topology.site[int(path[1])].name if path[0] == "site" else ""
        before = owners.setdefault((server, database), (owner, path))
        clash = before[0] != owner or (path[0] == "shard" and before[1][0] == "shard" and before[1] != path)
        if clash:
            other = Problem(before[1], 0, "", "").key
            yield Problem(
                (*path, "database"),
                0,
                f"база {database} на сервере {server} уже отдана: {other}; нужна отдельная база",
                f"database {database} on server {server} is given away already: {other}; use another",
            )


def _labels(topology: Topology) -> Iterator[Problem]:
    """Links are named by databases' labels, which join two names by "_": two databases must not come to one label."""
    seen: dict[str, tuple[str, str]] = {}
    for path, server, database in _placed(topology):
        label = server if server == database else f"{server}_{database}"
        first = seen.setdefault(label, (server, database))
        if first != (server, database):
            yield Problem(
                (*path, "database"),
                0,
                f"имена сервера и базы вместе дают «{label}», как у базы {first[1]} на сервере {first[0]}; "
                "переименуйте одну из них",
                f"server and database come to the name {label!r}, as database {first[1]} on server {first[0]} does; "
                "rename one of them",
            )


def _organizations(topology: Topology) -> Iterator[Problem]:
    found = [
        (("site", place, "organization", index), item)
        for place, site in enumerate(topology.site)
        for index, item in enumerate(site.organization)
    ]
    yield from _twice(((*path, "id"), str(item.id)) for path, item in found)
    yield from _twice(((*path, "oid"), item.oid) for path, item in found)
    for path, oid in [(("region", "oid"), topology.region.oid), *(((*p, "oid"), o.oid) for p, o in found)]:
        if not OID.fullmatch(oid):
            yield Problem(
                path,
                0,
                f"«{oid}» не OID: числа через точку без ведущих нулей, например 1.2.643.5.1.13.13.12.2.77.1",
                f"{oid!r} is no OID: numbers joined by dots, no leading zeros, such as 1.2.643.5.1.13.13.12.2.77.1",
            )
    for path, item in found:
        if not 0 < item.id < 2**31:
            yield Problem((*path, "id"), 0, "допустимо: от 1 до 2147483647", "permitted: from 1 to 2147483647")
        if not OGRN.fullmatch(item.ogrn):
            yield Problem((*path, "ogrn"), 0, "ОГРН — 13 цифр (ОГРНИП — 15)", "an OGRN is 13 digits (OGRNIP: 15)")
    for index, site in enumerate(topology.site):
        if not site.organization:
            yield Problem(
                ("site", index),
                0,
                f"у площадки «{site.name}» нет организаций: нужна таблица [[site.organization]]",
                f"site {site.name!r} has no organisation: a [[site.organization]] table is wanted",
            )


def _addresses(topology: Topology) -> Iterator[Problem]:
    listen: list[tuple[Path, str]] = [(("region", "listen"), topology.region.listen)]
    listen += [(("site", index, "listen"), site.listen) for index, site in enumerate(topology.site)]
    others = [(("server", i, "address_from_region"), s.address_from_region) for i, s in enumerate(topology.server)]
    others += [(("site", i, "reference_address"), s.reference_address) for i, s in enumerate(topology.site)]
    others += [(("site", i, "region_web"), s.region_web) for i, s in enumerate(topology.site)]
    for path, address in (*listen, *others):
        match = ADDRESS.fullmatch(address) if address is not None else None
        if address is not None and not (match and 0 < int(match[2]) < 65536):
            yield Problem(path, 0, f"«{address}»: нужен адрес вида host:port", f"{address!r}: host:port is wanted")
    servers = [(("server", i, "port"), f"{s.host}:{s.port}") for i, s in enumerate(topology.server)]
    yield from _twice([*servers, *listen])
    for index, server in enumerate(topology.server):
        if not HOST.fullmatch(server.host):
            yield Problem(
                ("server", index, "host"),
                0,
                f"«{server.host}»: нужно имя или адрес машины без порта",
                f"{server.host!r}: a machine's name or address without a port is wanted",
            )
    for index, server in enumerate(topology.server):
        if not 0 < server.port < 65536:
            yield Problem(("server", index, "port"), 0, "допустимо: от 1 до 65535", "permitted: from 1 to 65535")
    caches: list[tuple[Path, str | None]] = [(("region", "cache"), topology.region.cache)]
    caches += [(("site", index, "cache"), site.cache) for index, site in enumerate(topology.site)]
    for path, cache in caches:
        if cache is not None and not _is_cache(cache):
            yield Problem(
                path,
                0,
                f"«{cache}»: нужен адрес вида redis://host:port без пароля (пароль хранится в файле секрета)",
                f"{cache!r}: redis://host:port is wanted, without a password (it is kept in a secret's file)",
            )
    yield from _reference_addresses(topology)


def _is_cache(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("redis", "rediss") and bool(parts.hostname and parts.port) and not parts.password
    except ValueError:
        return False


def _reference_addresses(topology: Topology) -> Iterator[Problem]:
    down = {segment.server for segment in topology.segment if segment.name in ("nsi", "mpi", "booking")}
    for index, site in enumerate(topology.site):
        if site.reference_address is not None and len(down) > 1:
            yield Problem(
                ("site", index, "reference_address"),
                0,
                "одного адреса мало: nsi, mpi и booking стоят на разных серверах; уберите его или поставьте их на один",
                "one address will not do: nsi, mpi and booking are on different servers; leave it out or place them "
                "together",
            )


def _one_feed_a_server(topology: Topology) -> Iterator[Problem]:
    """A slot's name is unique on its server, and the change feed's slot has one name everywhere."""
    taken: dict[str, str] = {}
    places = [(("segment", i), s.server, s.database, Place(s.name)) for i, s in enumerate(topology.segment)]
    places += [(("shard", i), s.server, s.database, Place.RECORD) for i, s in enumerate(topology.shard)]
    for path, server, database, place in places:
        if place in WATCHED and taken.setdefault(server, database) != database:
            yield Problem(
                (*path, "database"),
                0,
                f"на сервере {server} уже есть база с лентой изменений ({taken[server]}): "
                "поставьте в неё же или на другой сервер",
                f"server {server} has a database with a change feed already ({taken[server]}): "
                "use that one or another server",
            )
