"""A map of the region: servers, their databases, the links between them and their states. Plain SVG, no scripts."""

from collections.abc import Iterator
from html import escape

from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import Link, links
from trustmed.topology.watch.status import LinkState, state_words

COLOURS = {
    "streaming": "#2b8a3e",
    "catching_up": "#e67700",
    "copying": "#1971c2",
    "broken": "#c92a2a",
    "unreachable": "#868e96",
    "paused": "#5f3dc4",
}
SEGMENTS = {
    "nsi": ("НСИ", "dictionaries"),
    "mpi": ("индекс пациентов", "patient index"),
    "booking": ("запись", "booking"),
    "registry": ("реестр", "registry"),
    "record": ("ИЭМК", "record"),
    "site": ("МИС", "clinical system"),
    "documents": ("документы", "documents"),
}
UNKNOWN_COLOUR = "#adb5bd"
# Pixels: a database's box, the gap between boxes, the tops of the region's row and of the sites'.
WIDTH, HEIGHT, GAP = 210, 62, 40
REGION_TOP, SITES_TOP = 70, 320
LEGEND_TOP = SITES_TOP + HEIGHT + 90
LEGEND_STEP = 130
# Lines leave a box at different places, so that those of one pair of boxes do not run over each other.
LINE_MARGIN, LINE_STEP = 30, 37
# Characters that fit into a box.
TITLE_LIMIT, TEXT_LIMIT = 26, 30

Point = tuple[int, int]


def graph_svg(topology: Topology, states: tuple[LinkState, ...], language: str = "ru") -> str:
    """Draw the region above, the sites below; each line is a link, its arrow shows where rows go."""
    places = _places(topology)
    by_link = {state.link: state for state in states}
    width = max(x for x, _ in places.values()) + WIDTH + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {LEGEND_TOP + 20}" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(_region_title(topology, language))}</title>",
        *_arrowheads(),
        f'<text x="{GAP}" y="22" font-size="18">{escape(_region_title(topology, language))}</text>',
        *(text for index, link in enumerate(links(topology)) for text in _line(link, by_link, places, index, language)),
        *(text for database in topology.databases() for text in _box(topology, database, places, language)),
        *_legend(LEGEND_TOP, language),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def graph_data(topology: Topology, states: tuple[LinkState, ...]) -> dict[str, object]:
    """Return the same map as data for programs."""
    by_link = {state.link: state for state in states}
    return {
        "databases": [
            {"label": d.label, "server": d.server, "name": d.name, "site": d.site, "places": sorted(d.places)}
            for d in topology.databases()
        ],
        "links": [
            {
                "name": link.name,
                "source": link.source.label,
                "target": link.target.label,
                "site": link.site,
                "tables": [published.table for published in link.published],
                "state": by_link[link.name].state if link.name in by_link else None,
            }
            for link in links(topology)
        ],
    }


def _places(topology: Topology) -> dict[str, Point]:
    rows: dict[bool, int] = {True: 0, False: 0}
    found: dict[str, Point] = {}
    for database in topology.databases():
        above = database.site is None
        found[database.label] = (GAP + rows[above] * (WIDTH + GAP), REGION_TOP if above else SITES_TOP)
        rows[above] += 1
    return found


def _box(topology: Topology, database: Database, places: dict[str, Point], language: str) -> Iterator[str]:
    x, y = places[database.label]
    kinds = ", ".join(SEGMENTS[place.value][language == "en"] for place in sorted(database.places))
    title = database.label
    if database.site:
        site = topology.site_named(database.site)
        title = (site.title_en if language == "en" else None) or site.title
    yield f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#f8f9fa" stroke="#495057"/>'
    yield f'<text x="{x + 8}" y="{y + 18}" font-weight="bold">{escape(_short(title, TITLE_LIMIT))}</text>'
    yield f'<text x="{x + 8}" y="{y + 36}">{escape(_short(kinds, TEXT_LIMIT))}</text>'
    where = _short(f"{database.server} / {database.name}", TEXT_LIMIT)
    yield f'<text x="{x + 8}" y="{y + 53}" fill="#868e96">{escape(where)}</text>'


def _line(
    link: Link, states: dict[str, LinkState], places: dict[str, Point], index: int, language: str
) -> Iterator[str]:
    (x1, y1), (x2, y2) = places[link.source.label], places[link.target.label]
    state = states.get(link.name)
    colour = COLOURS[state.state] if state else UNKNOWN_COLOUR
    shift = LINE_MARGIN + (index * LINE_STEP) % (WIDTH - 2 * LINE_MARGIN)
    if y1 == y2:
        path = f"M{x1 + shift},{y1} C{x1 + shift},{y1 - 34} {x2 + shift},{y2 - 34} {x2 + shift},{y2}"
    else:
        start, end = (y1, y2 + HEIGHT) if y1 > y2 else (y1 + HEIGHT, y2)
        middle = (start + end) // 2
        path = f"M{x1 + shift},{start} C{x1 + shift},{middle} {x2 + shift},{middle} {x2 + shift},{end}"
    words = f"{link.name}: {state_words(state.state, language)}" if state else link.name
    error = f" — {state.error(language)}" if state and state.error(language) else ""
    dashes = "" if state is None or state.healthy else ' stroke-dasharray="6 4"'
    yield (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes} marker-end="url(#to-{colour[1:]})">'
        f"<title>{escape(words + error)}</title></path>"
    )


def _arrowheads() -> Iterator[str]:
    yield "<defs>"
    for colour in sorted({*COLOURS.values(), UNKNOWN_COLOUR}):
        yield (
            f'<marker id="to-{colour[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>'
        )
    yield "</defs>"


def _legend(y: int, language: str) -> Iterator[str]:
    for index, (state, colour) in enumerate(COLOURS.items()):
        x = GAP + index * LEGEND_STEP
        yield f'<line x1="{x}" y1="{y - 4}" x2="{x + 24}" y2="{y - 4}" stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="{x + 30}" y="{y}">{escape(state_words(state, language))}</text>'


def _region_title(topology: Topology, language: str) -> str:
    return (topology.region.name_en if language == "en" else None) or topology.region.name


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
