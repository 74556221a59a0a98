"""Problems of a well-formed topology: unknown names, places taken twice, bad identifiers."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from trustmed.schema import Place
from trustmed.topology.file.citizens import citizens_problems
from trustmed.topology.file.lines import KeyPath
from trustmed.topology.file.problem import Problem
from trustmed.topology.file.proxies import proxies_problems
from trustmed.topology.file.spec import Topology
from trustmed.topology.watched import WATCHED

SEGMENTS = ("nsi", "mpi", "booking", "registry")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# The arcs of an OID (X.660): no leading zeros; after 0 and 1 the second arc is at most 39.
OID = re.compile(r"([01]\.[1-3]?[0-9]|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*")
OGRN = re.compile(r"[0-9]{13}([0-9]{2})?")
HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-fA-F]*:[0-9a-fA-F:]+|/\S+")
ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
RESERVED = ("postgres", "template0", "template1")
LARGEST_ID = 2**31 - 1  # organization_id is an integer in every table
LARGEST_PORT = 65535
MOST_CRL_DAYS = 366

Named = Iterable[tuple[KeyPath, str]]


def meaning_problems(topology: Topology) -> Iterator[Problem]:
    """Find every problem; the caller fills in the lines."""
    yield from _names(topology)
    yield from _references(topology)
    yield from _segments(topology)
    yield from _databases(topology)
    yield from _labels(topology)
    yield from _organizations(topology)
    yield from _addresses(topology)
    yield from _one_feed_a_server(topology)
    yield from citizens_problems(topology.region.citizens)
    yield from proxies_problems(topology)
    yield from _trust(topology)


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
                f"имя «{name}» не подходит: нужны строчные латинские буквы, цифры и _, первой буква, до 31 знака",
                f"name {name!r} is not accepted: lower-case Latin letters, digits and _, a letter first, up to 31",
            )


def _twice(named: Named) -> Iterator[Problem]:
    seen: dict[str, KeyPath] = {}
    for path, value in named:
        if value in seen:
            other = Problem(seen[value], 0, "", "").key
            yield Problem(path, 0, f"«{value}» уже занято: {other}", f"{value!r} is taken already: {other}")
        seen.setdefault(value, path)


def _placed(topology: Topology) -> Iterator[tuple[KeyPath, str, str]]:
    """Return (path, server, database) of everything that is placed in a database."""
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


def _unknown(path: KeyPath, name: str, known: list[str], ru: str, en: str) -> Iterator[Problem]:
    if name not in known:
        names = ", ".join(known)
        yield Problem(
            path, 0, f"неизвестный {ru} «{name}»; есть: {names}", f"unknown {en} {name!r}; there are: {names}"
        )


def _segments(topology: Topology) -> Iterator[Problem]:
    yield from _twice((("segment", index, "name"), item.name) for index, item in enumerate(topology.segment))
    missing = ", ".join(name for name in SEGMENTS if name not in {item.name for item in topology.segment})
    if missing:
        yield Problem(("segment",), 0, f"не размещены сегменты: {missing}", f"segments without a place: {missing}")


def _databases(topology: Topology) -> Iterator[Problem]:
    """Find databases given away twice: one belongs to the region or to one site, and holds at most one shard."""
    owners: dict[tuple[str, str], tuple[str, KeyPath]] = {}
    for path, server, database in _placed(topology):
        owner = topology.site[int(path[1])].name if path[0] == "site" else ""
        first_owner, first_path = owners.setdefault((server, database), (owner, path))
        second_shard = path[0] == "shard" and first_path[0] == "shard" and first_path != path
        if first_owner != owner or second_shard:
            other = Problem(first_path, 0, "", "").key
            yield Problem(
                (*path, "database"),
                0,
                f"база {database} на сервере {server} уже отдана: {other}; нужна отдельная база",
                f"database {database} on server {server} is already taken: {other}; use another",
            )


def _labels(topology: Topology) -> Iterator[Problem]:
    """Find databases with one label: links are named by labels, which join two names by "_"."""
    seen: dict[str, tuple[str, str]] = {}
    for path, server, database in _placed(topology):
        label = server if server == database else f"{server}_{database}"
        first = seen.setdefault(label, (server, database))
        if first != (server, database):
            yield Problem(
                (*path, "database"),
                0,
                f"имена сервера и базы вместе дают «{label}», как и у базы {first[1]} на сервере {first[0]}; "
                "переименуйте одну из них",
                f"server and database make the name {label!r}, as database {first[1]} on server {first[0]} does; "
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
        if not 0 < item.id <= LARGEST_ID:
            yield Problem((*path, "id"), 0, f"допустимо: от 1 до {LARGEST_ID}", f"permitted: from 1 to {LARGEST_ID}")
        if not OGRN.fullmatch(item.ogrn):
            yield Problem((*path, "ogrn"), 0, "ОГРН — 13 цифр (ОГРНИП — 15)", "an OGRN is 13 digits (OGRNIP: 15)")
    for index, site in enumerate(topology.site):
        if not site.organization:
            yield Problem(
                ("site", index),
                0,
                f"у площадки «{site.name}» нет организаций: нужна таблица [[site.organization]]",
                f"site {site.name!r} has no organisation: a [[site.organization]] table is needed",
            )


def _addresses(topology: Topology) -> Iterator[Problem]:
    listen: list[tuple[KeyPath, str]] = [(("region", "listen"), topology.region.listen)]
    listen += [(("site", index, "listen"), site.listen) for index, site in enumerate(topology.site)]
    others = [(("server", i, "address_from_region"), s.address_from_region) for i, s in enumerate(topology.server)]
    others += [(("site", i, "reference_address"), s.reference_address) for i, s in enumerate(topology.site)]
    others += [(("site", i, "region_web"), s.region_web) for i, s in enumerate(topology.site)]
    for path, address in (*listen, *others):
        match = ADDRESS.fullmatch(address) if address is not None else None
        if address is not None and not (match and 0 < int(match[2]) <= LARGEST_PORT):
            yield Problem(path, 0, f"«{address}»: нужен адрес вида host:port", f"{address!r}: host:port is needed")
    servers = [(("server", i, "port"), f"{s.host}:{s.port}") for i, s in enumerate(topology.server)]
    yield from _twice([*servers, *listen])
    for index, server in enumerate(topology.server):
        if not HOST.fullmatch(server.host):
            yield Problem(
                ("server", index, "host"),
                0,
                f"«{server.host}»: нужно имя или адрес машины без порта",
                f"{server.host!r}: a machine's name or address without a port is needed",
            )
    for index, server in enumerate(topology.server):
        if not 0 < server.port <= LARGEST_PORT:
            yield Problem(
                ("server", index, "port"),
                0,
                f"допустимо: от 1 до {LARGEST_PORT}",
                f"permitted: from 1 to {LARGEST_PORT}",
            )
    caches: list[tuple[KeyPath, str | None]] = [(("region", "cache"), topology.region.cache)]
    caches += [(("site", index, "cache"), site.cache) for index, site in enumerate(topology.site)]
    for path, cache in caches:
        if cache is not None and not _is_cache(cache):
            yield Problem(
                path,
                0,
                f"«{cache}»: нужен адрес вида redis://host:port без пароля (пароль хранится в файле секрета)",
                f"{cache!r}: redis://host:port is needed, without a password (it is kept in a secret's file)",
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
                "одного адреса мало: nsi, mpi и booking на разных серверах; уберите его или разместите их на одном",
                "one address is not enough: nsi, mpi and booking are on different servers; remove it or place them "
                "together",
            )


def _one_feed_a_server(topology: Topology) -> Iterator[Problem]:
    """Find servers with two change feeds: a slot's name is unique on its server, and every feed's slot has one name."""
    taken: dict[str, str] = {}
    places = [(("segment", i), s.server, s.database, Place(s.name)) for i, s in enumerate(topology.segment)]
    places += [(("shard", i), s.server, s.database, Place.RECORD) for i, s in enumerate(topology.shard)]
    for path, server, database, place in places:
        if place in WATCHED and taken.setdefault(server, database) != database:
            yield Problem(
                (*path, "database"),
                0,
                f"на сервере {server} уже есть база с лентой изменений ({taken[server]}): "
                "разместите в ней же или на другом сервере",
                f"server {server} already has a database with a change feed ({taken[server]}): "
                "use that database or another server",
            )


def _trust(topology: Topology) -> Iterator[Problem]:
    trust = topology.trust
    if not 1 <= trust.crl_days <= trust.crl_days_cut_off <= MOST_CRL_DAYS:
        ru = f"допустимо: от 1 до crl_days_cut_off дней, а то — до {MOST_CRL_DAYS}"
        en = f"permitted: from 1 to crl_days_cut_off days, and that up to {MOST_CRL_DAYS}"
        yield Problem(("trust", "crl_days"), 0, ru, en)
    addresses = [(("trust", "crl_urls", index), url) for index, url in enumerate(trust.crl_urls)]
    for path, url in [*addresses, *([(("trust", "proxy"), trust.proxy)] if trust.proxy is not None else [])]:
        if not _is_web(url):
            yield Problem(
                path, 0, f"«{url}»: нужен адрес http:// или https://", f"{url!r}: http:// or https:// is needed"
            )


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
