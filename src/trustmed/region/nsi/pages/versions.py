"""The region's dictionary pages: the list, versions by site, one dictionary, its rows, a difference."""

from itertools import pairwise
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from trustmed.patient.writing import folded, tidy
from trustmed.region.nsi.editing import service as editing
from trustmed.region.nsi.pages.desk import BASE, AnyRequest, on_version, pools_of, site_titles, staff
from trustmed.region.nsi.versions import service
from trustmed.region.nsi.versions.errors import NothingBefore
from trustmed.region.nsi.versions.model import DictionaryLine, Difference, SiteSpread, VersionLine
from trustmed.region.nsi.versions.turning import to_roll_back
from trustmed.web.templating import render

SHOWN: Final = ("all", "waiting", "behind", "own")
EXAMPLES: Final = 100


@get(BASE)
async def list_page(request: AnyRequest, q: FromQuery[str] = "", show: FromQuery[str] = "all") -> Response[str]:
    """Show every dictionary, with what is unpublished and how many sites have the version in force."""
    pools = pools_of(request)
    held, sites = await service.dictionaries(pools), await service.spread(pools)
    behind = {oid for site in sites for oid in site.behind}
    groups = {
        "all": held,
        "waiting": [one for one in held if one.has_unpublished],
        "behind": [one for one in held if one.oid in behind],
        "own": [one for one in held if one.is_own],
    }
    shown = show if show in SHOWN else "all"
    return render(
        request,
        "nsi/list.html",
        fragment="rows",
        q=q,
        show=shown,
        counts={name: len(group) for name, group in groups.items()},
        held=[one for one in groups[shown] if _is_called(one, q)],
        drafts=[one for one in await editing.drafts(pools) if one.is_changed or one.based_on is None],
        sites=len(sites),
        have={one.oid: on_version(sites, one.oid, one.current_version) for one in held},
    )


@get(f"{BASE}/sites")
async def sites_page(request: AnyRequest, every: FromQuery[str] = "") -> Response[str]:
    """Show dictionaries by site: those out of step, or all of them."""
    pools = pools_of(request)
    held = await service.dictionaries(pools)
    sites = await service.spread(pools)
    in_force = {one.oid: one.current_version for one in held}
    unlike = {oid for site in sites for oid in site.behind}
    return render(
        request,
        "nsi/sites.html",
        fragment="state",
        every=bool(every),
        titles=site_titles(pools),
        sites=sites,
        totals=[_totals(site, in_force) for site in sites],
        held=[one for one in held if every or one.oid in unlike],
        unlike=len(unlike),
        published=sum(version is not None for version in in_force.values()),
        cells={site.site: {holding.oid: holding for holding in site.holdings} for site in sites},
    )


@get(f"{BASE}/{{oid:str}}")
async def dictionary_page(request: AnyRequest, oid: FromPath[str]) -> Response[str]:
    """Show one dictionary: versions, history, and how far the version in force has spread."""
    pools = pools_of(request)
    line = await service.dictionary(pools, oid)
    held, turns = await service.versions(pools, line.oid), await service.publications(pools, line.oid)
    try:
        before: str | None = to_roll_back(line.oid, turns)
    except NothingBefore:
        before = None
    own = {one.oid: one for one in await editing.drafts(pools)} if line.is_own else {}
    return render(
        request,
        "nsi/dictionary.html",
        fragment="spread",
        line=line,
        versions=held,
        publications=turns[::-1],
        roll_back_to=before,
        draft=own.get(line.oid),
        older=_older(held),
        **await spread_of(request, line),
    )


@get(f"{BASE}/{{oid:str}}/rows")
async def rows_page(
    request: AnyRequest,
    oid: FromPath[str],
    version: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Show the rows of any version, unpublished ones included."""
    pools = pools_of(request)
    line = await service.dictionary(pools, oid)
    held = {one.version: one for one in await service.versions(pools, line.oid)}
    chosen = held.get(version) or held.get(line.current_version or "") or next(iter(held.values()), None)
    found = await service.entries(pools, line.oid, chosen.version, tidy(q), after.replace("\0", "")) if chosen else None
    return render(
        request, "nsi/rows.html", fragment="rows", line=line, versions=held, chosen=chosen, q=q, after=after, page=found
    )


@get(f"{BASE}/{{oid:str}}/difference")
async def difference_page(
    request: AnyRequest, oid: FromPath[str], before: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[str]:
    """Show how one version differs from another."""
    pools = pools_of(request)
    line = await service.dictionary(pools, oid)
    held = await service.versions(pools, line.oid)
    later = after or (held[0].version if held else "")
    earlier = before or _older(held).get(later)
    found = await service.difference(pools, line.oid, earlier, later, examples=EXAMPLES)
    return render(
        request, "nsi/difference.html", line=line, versions=held, difference=found, titles=titles_of(held, found)
    )


async def spread_of(request: AnyRequest, line: DictionaryLine) -> dict[str, Any]:
    """Return how far the version in force has spread, for the live block of a page."""
    pools = pools_of(request)
    sites = await service.spread(pools)
    return {
        "sites": sites,
        "site_titles": site_titles(pools),
        "have": on_version(sites, line.oid, line.current_version),
        "since": {site.site: next((h.since for h in site.holdings if h.oid == line.oid), None) for site in sites},
    }


def titles_of(held: list[VersionLine], difference: Difference) -> dict[str, str]:
    """Return the title of each column, as the later version names it."""
    named = {one.version: one for one in held}
    lines = [named[version] for version in (difference.before, difference.after) if version in named]
    return {column.field: column.title for line in lines for column in line.columns}


def _older(held: list[VersionLine]) -> dict[str, str]:
    """Map each version to the next older one."""
    return {later.version: earlier.version for later, earlier in pairwise(held)}


def _is_called(line: DictionaryLine, q: str) -> bool:
    names = folded(" ".join((line.title, line.short_title or "")))
    return all(word in names or q.strip() in (line.oid, *line.aliases) for word in folded(tidy(q)[:200]).split())


def _totals(site: SiteSpread, in_force: dict[str, str | None]) -> dict[str, Any]:
    there = {holding.oid: holding.version for holding in site.holdings}
    wanted = {oid: version for oid, version in in_force.items() if version is not None}
    return {
        "site": site.site,
        "seen_at": site.seen_at,
        "same": sum(there.get(oid) == version for oid, version in wanted.items()),
        "older": sum(oid in there and there[oid] != version for oid, version in wanted.items()),
        "missing": sum(oid not in there for oid in wanted),
    }


handlers: list[ControllerRouterHandler] = [list_page, sites_page, dictionary_page, rows_page, difference_page]
guards = [staff]
