"""The region's dictionary pages: the list, versions by site, one dictionary, its rows, a difference."""

from itertools import pairwise
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from trustmed.patient.writing import folded, tidy
from trustmed.region.nsi.editing import service as editing
from trustmed.region.nsi.pages.desk import BASE, AnyRequest, count_sites_on, pools_of, site_titles, staff
from trustmed.region.nsi.versions import service
from trustmed.region.nsi.versions.errors import NothingBefore
from trustmed.region.nsi.versions.model import DictionaryLine, Difference, SiteSpread, VersionLine
from trustmed.region.nsi.versions.targets import rollback_target
from trustmed.web.templating import render

FILTERS: Final = ("all", "waiting", "behind", "own")
EXAMPLES: Final = 100


@get(BASE)
async def list_page(request: AnyRequest, q: FromQuery[str] = "", show: FromQuery[str] = "all") -> Response[str]:
    """Show every dictionary, with what is unpublished and how many sites have the version in force."""
    pools = pools_of(request)
    dictionaries, sites = await service.find_dictionaries(pools), await service.find_spread(pools)
    behind = {oid for site in sites for oid in site.behind}
    groups = {
        "all": dictionaries,
        "waiting": [one for one in dictionaries if one.has_unpublished],
        "behind": [one for one in dictionaries if one.oid in behind],
        "own": [one for one in dictionaries if one.is_own],
    }
    chosen = show if show in FILTERS else "all"
    return render(
        request,
        "nsi/list.html",
        fragment="rows",
        q=q,
        show=chosen,
        counts={name: len(group) for name, group in groups.items()},
        dictionaries=[one for one in groups[chosen] if _matches(one, q)],
        drafts=[one for one in await editing.find_drafts(pools) if one.is_changed or one.based_on is None],
        sites=len(sites),
        have={one.oid: count_sites_on(sites, one.oid, one.current_version) for one in dictionaries},
    )


@get(f"{BASE}/sites")
async def sites_page(request: AnyRequest, every: FromQuery[str] = "") -> Response[str]:
    """Show dictionaries by site: those out of step, or all of them."""
    pools = pools_of(request)
    dictionaries = await service.find_dictionaries(pools)
    sites = await service.find_spread(pools)
    in_force = {one.oid: one.current_version for one in dictionaries}
    behind_somewhere = {oid for site in sites for oid in site.behind}
    return render(
        request,
        "nsi/sites.html",
        fragment="state",
        every=bool(every),
        titles=site_titles(pools),
        sites=sites,
        totals=[_totals(site, in_force) for site in sites],
        dictionaries=[one for one in dictionaries if every or one.oid in behind_somewhere],
        behind_somewhere=len(behind_somewhere),
        published=sum(version is not None for version in in_force.values()),
        cells={site.site: {holding.oid: holding for holding in site.holdings} for site in sites},
    )


@get(f"{BASE}/{{oid:str}}")
async def dictionary_page(request: AnyRequest, oid: FromPath[str]) -> Response[str]:
    """Show one dictionary: versions, history, and how far the version in force has spread."""
    pools = pools_of(request)
    line = await service.find_dictionary(pools, oid)
    versions, history = await service.find_versions(pools, line.oid), await service.find_publications(pools, line.oid)
    try:
        before: str | None = rollback_target(line.oid, history)
    except NothingBefore:
        before = None
    own = {one.oid: one for one in await editing.find_drafts(pools)} if line.is_own else {}
    return render(
        request,
        "nsi/dictionary.html",
        fragment="spread",
        line=line,
        versions=versions,
        publications=history[::-1],
        roll_back_to=before,
        draft=own.get(line.oid),
        older=_older_versions(versions),
        **await spread_values(request, line),
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
    line = await service.find_dictionary(pools, oid)
    versions = {one.version: one for one in await service.find_versions(pools, line.oid)}
    chosen = versions.get(version) or versions.get(line.current_version or "") or next(iter(versions.values()), None)
    page = None
    if chosen:
        page = await service.find_entries(pools, line.oid, chosen.version, tidy(q), after.replace("\0", ""))
    return render(
        request,
        "nsi/rows.html",
        fragment="rows",
        line=line,
        versions=versions,
        chosen=chosen,
        q=q,
        after=after,
        page=page,
    )


@get(f"{BASE}/{{oid:str}}/difference")
async def difference_page(
    request: AnyRequest, oid: FromPath[str], before: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[str]:
    """Show how one version differs from another."""
    pools = pools_of(request)
    line = await service.find_dictionary(pools, oid)
    versions = await service.find_versions(pools, line.oid)
    later = after or (versions[0].version if versions else "")
    earlier = before or _older_versions(versions).get(later)
    difference = await service.find_difference(pools, line.oid, earlier, later, examples=EXAMPLES)
    return render(
        request,
        "nsi/difference.html",
        line=line,
        versions=versions,
        difference=difference,
        titles=column_titles(versions, difference),
    )


async def spread_values(request: AnyRequest, line: DictionaryLine) -> dict[str, Any]:
    """Return how far the version in force has spread, for the live block of a page."""
    pools = pools_of(request)
    sites = await service.find_spread(pools)
    return {
        "sites": sites,
        "site_titles": site_titles(pools),
        "have": count_sites_on(sites, line.oid, line.current_version),
        "since": {site.site: next((h.since for h in site.holdings if h.oid == line.oid), None) for site in sites},
    }


def column_titles(versions: list[VersionLine], difference: Difference) -> dict[str, str]:
    """Return the title of each column, as the later version names it."""
    by_number = {one.version: one for one in versions}
    lines = [by_number[version] for version in (difference.before, difference.after) if version in by_number]
    return {column.field: column.title for line in lines for column in line.columns}


def _older_versions(versions: list[VersionLine]) -> dict[str, str]:
    """Map each version to the next older one."""
    return {later.version: earlier.version for later, earlier in pairwise(versions)}


def _matches(line: DictionaryLine, q: str) -> bool:
    names = folded(" ".join((line.title, line.short_title or "")))
    return all(word in names or q.strip() in (line.oid, *line.aliases) for word in folded(tidy(q)[:200]).split())


def _totals(site: SiteSpread, in_force: dict[str, str | None]) -> dict[str, Any]:
    there = {holding.oid: holding.version for holding in site.holdings}
    published = {oid: version for oid, version in in_force.items() if version is not None}
    return {
        "site": site.site,
        "seen_at": site.seen_at,
        "same": sum(there.get(oid) == version for oid, version in published.items()),
        "older": sum(oid in there and there[oid] != version for oid, version in published.items()),
        "missing": sum(oid not in there for oid in published),
    }


handlers: list[ControllerRouterHandler] = [list_page, sites_page, dictionary_page, rows_page, difference_page]
guards = [staff]
