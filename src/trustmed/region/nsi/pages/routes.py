"""Collect all pages of dictionaries, each part behind its guard."""

from litestar import Router

from trustmed.region.nsi.pages import drafts, publishing, versions
from trustmed.region.nsi.pages.desk import BASE, connect_to_dictionaries, staff
from trustmed.web.lookup.api import lookup_api
from trustmed.web.lookup.pages import lookup_pages


def nsi_pages() -> Router:
    """Return the pages at /nsi and below."""
    parts = [Router("/", route_handlers=part.handlers, guards=part.guards) for part in (versions, publishing, drafts)]
    lookup = lookup_pages(connect_to_dictionaries, staff, f"{BASE}/search")
    return Router("/", route_handlers=[*parts, *lookup], include_in_schema=False)


def nsi_api() -> Router:
    """Return the JSON API of the same search, for the same accounts."""
    return Router("/api/v1", route_handlers=[lookup_api(connect_to_dictionaries, staff)])
