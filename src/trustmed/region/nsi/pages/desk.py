"""What the region's dictionary pages share: access to the data, roles, and the menu between the pages."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Request
from psycopg import AsyncConnection

from trustmed.region.nsi.versions import service
from trustmed.region.nsi.versions.model import SiteSpread
from trustmed.region.pools import Pools
from trustmed.web import i18n
from trustmed.web.guards import role_is
from trustmed.web.identity import identity_of

AnyRequest = Request[Any, Any, Any]
BASE: Final = "/nsi"

staff = role_is("engineer", "analyst")
"""May look at dictionaries and edit drafts."""
publishers = role_is("engineer")
"""May change the versions in force, which every site reads."""


def pools_of(request: AnyRequest) -> Pools:
    return request.app.state.pools


def author_of(request: AnyRequest) -> str:
    """Return the name to record in the history."""
    return identity_of(request).name


@asynccontextmanager
async def connect_to_dictionaries(request: AnyRequest) -> AsyncGenerator[AsyncConnection]:
    """Connect to the region's database of dictionaries. Raises PartMissing."""
    async with service.connect_to_dictionaries(pools_of(request)) as connection:
        yield connection


def site_titles(pools: Pools) -> dict[str, str]:
    """Return the title of each site in the request's language."""
    is_english = i18n.current.get() == "en"
    return {site.name: (site.title_en if is_english else None) or site.title for site in pools.topology.site}


def count_sites_on(sites: list[SiteSpread], oid: str, version: str | None) -> int:
    """Return how many sites were last seen on this version."""
    return sum(site.version_of(oid) == version for site in sites)
