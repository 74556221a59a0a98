"""The site's pages and API of dictionaries."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, medical
from trustmed.clinic.work import tenant
from trustmed.web.lookup.api import lookup_api
from trustmed.web.lookup.pages import lookup_pages


@asynccontextmanager
async def replica(request: AnyRequest) -> AsyncGenerator[AsyncConnection]:
    """Connect to the site's own database: lookups never leave the site."""
    async with tenant(clinic_of(request).databases.site, actor_of(request).organization_id) as connection:
        yield connection


pages = lookup_pages(replica, medical, "/nsi")
api = lookup_api(replica, medical)
