"""Lay out the map of the region: servers are boxes, databases are inside them, links are curves. Units: SVG pixels."""

import msgspec

from trustmed.region.links.model import Tone, tone_of
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import links
from trustmed.topology.watch.status import LinkState

WIDTH = 1080
BOX = 290
ROW = 40
HEAD = 34
GAP = 26
MARGIN = 30
SITE_X = 20
REGION_X = WIDTH - BOX - 110


class DatabaseBox(msgspec.Struct, frozen=True):
    """A database in its server's box; `places` are the segments it holds."""

    label: str
    name: str
    places: tuple[str, ...]
    x: int
    y: int


class ServerBox(msgspec.Struct, frozen=True):
    """A server; `site` is None for the region's own. `up` is False if the server is known not to answer."""

    name: str
    title_ru: str
    title_en: str
    site: str | None
    x: int
    y: int
    height: int
    databases: tuple[DatabaseBox, ...]
    up: bool = True


class Curve(msgspec.Struct, frozen=True):
    """A link as an SVG path from source to target, and the point where its mark stands."""

    state: LinkState
    tone: Tone
    path: str
    mark_x: float
    mark_y: float


class Map(msgspec.Struct, frozen=True):
    """`box`, `row`: width of a server's box, height of a database in it; `region_x`: where the region begins."""

    width: int
    height: int
    servers: tuple[ServerBox, ...]
    curves: tuple[Curve, ...]
    box: int = BOX
    row: int = ROW
    region_x: int = REGION_X


def region_map(topology: Topology, states: tuple[LinkState, ...], down: frozenset[str] = frozenset()) -> Map:
    """Put sites on the left, the region on the right; `down`: labels of the region's databases that do not answer."""
    databases = topology.databases()
    left = _column(topology, [d for d in databases if d.site], SITE_X, down)
    right = _column(topology, [d for d in databases if not d.site], REGION_X, down)
    height = max(_bottom(left), _bottom(right)) + MARGIN
    left, right = _centred(left, height), _centred(right, height)
    boxes = {box.label: box for server in (*left, *right) for box in server.databases}
    return Map(WIDTH, height, (*left, *right), _curves(topology, states, boxes))


def _column(topology: Topology, databases: list[Database], x: int, down: frozenset[str]) -> list[ServerBox]:
    made: list[ServerBox] = []
    y = MARGIN
    for server in dict.fromkeys(database.server for database in databases):
        own = [database for database in databases if database.server == server]
        height = HEAD + ROW * len(own) + 8
        title_ru, title_en = _titles(topology, server, own[0].site)
        rows = tuple(
            DatabaseBox(d.label, d.name, tuple(sorted(d.places)), x, y + HEAD + ROW * number)
            for number, d in enumerate(own)
        )
        up = not any(d.label in down for d in own)
        made.append(ServerBox(server, title_ru, title_en, own[0].site, x, y, height, rows, up))
        y += height + GAP
    return made


def _titles(topology: Topology, server: str, site: str | None) -> tuple[str, str]:
    if site is None:
        return server, server
    found = topology.site_named(site)
    return found.title, found.title_en or found.title


def _bottom(column: list[ServerBox]) -> int:
    return max((server.y + server.height for server in column), default=MARGIN)


def _centred(column: list[ServerBox], height: int) -> list[ServerBox]:
    shift = (height - MARGIN - _bottom(column)) // 2
    return [
        msgspec.structs.replace(
            server,
            y=server.y + shift,
            databases=tuple(msgspec.structs.replace(box, y=box.y + shift) for box in server.databases),
        )
        for server in column
    ]


def _curves(topology: Topology, states: tuple[LinkState, ...], boxes: dict[str, DatabaseBox]) -> tuple[Curve, ...]:
    by_name = {state.link: state for state in states}
    wires = [link for link in links(topology) if link.name in by_name]
    ends: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for link in wires:
        for mine, other in ((link.source, link.target), (link.target, link.source)):
            ends.setdefault((mine.label, bool(link.site)), []).append((boxes[other.label].y, link.name))
    made = []
    for link in wires:
        a = _port(boxes[link.source.label], ends[link.source.label, bool(link.site)], link.name)
        b = _port(boxes[link.target.label], ends[link.target.label, bool(link.site)], link.name)
        made.append(_curve(by_name[link.name], boxes[link.source.label].x, boxes[link.target.label].x, a, b))
    return tuple(made)


def _port(box: DatabaseBox, ends: list[tuple[int, str]], link: str) -> float:
    """Return where a link leaves its database: below one another, ordered by their other ends so that few cross."""
    order = [name for _, name in sorted(ends)]
    return box.y + (ROW - 6) * (order.index(link) + 1) / (len(order) + 1)


def _curve(state: LinkState, source_x: int, target_x: int, y1: float, y2: float) -> Curve:
    if source_x == target_x:
        x = source_x + BOX
        bulge = x + 40 + abs(y2 - y1) * 0.12
        path = f"M{x} {y1:.1f} C{bulge:.1f} {y1:.1f} {bulge:.1f} {y2:.1f} {x + 5} {y2:.1f}"
        return Curve(state, tone_of(state), path, (x + 3 * bulge) / 4, (y1 + y2) / 2)
    rightward = source_x < target_x
    x1, x2 = (source_x + BOX, target_x - 5) if rightward else (source_x, target_x + BOX + 5)
    middle = (x1 + x2) / 2
    path = f"M{x1} {y1:.1f} C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2} {y2:.1f}"
    return Curve(state, tone_of(state), path, middle, (y1 + y2) / 2)
