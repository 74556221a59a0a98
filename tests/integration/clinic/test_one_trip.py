"""A transaction sent in one round trip acts for its organisation, whole or not at all, and leaves no settings."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.fix_site import HOSPITAL, SiteStand
from trustmed.clinic.work import Databases, in_one_trip

LINK = """
with linked as (
    insert into record.visit_document (organization_id, visit_id, document_id)
    values (%(organization_id)s, %(id)s, %(id)s) returning visit_id
)
select visit_id, 1 / %(divisor)s as one, current_setting('synchronous_commit') as commits from linked
"""
SETTINGS = """
select coalesce(current_setting('trustmed.organization_id', true), ''), current_setting('synchronous_commit')
"""
LINKED = "select count(*) from record.visit_document where document_id = %s"


@pytest.fixture
async def databases(site: SiteStand) -> AsyncIterator[Databases]:
    found = Databases(site.topology, site.site, size=2)
    await found.open()
    yield found
    await found.close()


def values(identifier: UUID, *, divisor: int = 1, organization_id: int = HOSPITAL) -> dict[str, object]:
    return {"organization_id": organization_id, "id": identifier, "divisor": divisor}


def count_links(site: SiteStand, identifier: UUID) -> int:
    with site.admin() as connection:
        row = connection.execute(LINKED, (identifier,)).fetchone()
    return row[0] if row else 0


async def find_settings_left(databases: Databases) -> set[tuple[str, str]]:
    """Return the settings left on the connections of the pool."""
    async with databases.site.connection() as one, databases.site.connection() as other:
        return {row for each in (one, other) for row in await (await each.execute(SETTINGS)).fetchall()}


@pytest.mark.parametrize("lazily", [False, True])
async def test_a_transaction_is_stored_and_its_settings_end_with_it(
    site: SiteStand, databases: Databases, lazily: bool
) -> None:
    for _ in range(8):  # psycopg prepares a statement at its sixth run
        identifier = uuid4()
        row = await in_one_trip(databases.site, HOSPITAL, LINK, values(identifier), may_be_lost=lazily)
        assert row == {"visit_id": identifier, "one": 1, "commits": "off" if lazily else "on"}
        assert count_links(site, identifier) == 1
    assert await find_settings_left(databases) == {("", "on")}


async def test_a_failed_transaction_leaves_neither_rows_nor_settings(site: SiteStand, databases: Databases) -> None:
    identifier = uuid4()
    with pytest.raises(psycopg.errors.DivisionByZero):
        await in_one_trip(databases.site, HOSPITAL, LINK, values(identifier, divisor=0))
    assert count_links(site, identifier) == 0
    assert await find_settings_left(databases) == {("", "on")}
    assert await in_one_trip(databases.site, HOSPITAL, LINK, values(identifier))


async def test_a_transaction_writes_only_for_its_organisation(site: SiteStand, databases: Databases) -> None:
    identifier = uuid4()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await in_one_trip(databases.site, HOSPITAL, LINK, values(identifier, organization_id=HOSPITAL + 1))
    assert count_links(site, identifier) == 0
