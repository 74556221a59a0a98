"""Booking on a server of its own is cut off: site and region report it, and documents pass as before."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient
from tests.integration.topology.conftest import TEXT, Region, run_applied
from tests.waiting import health_says

from trustmed.clinic.link.view import LinkView
from trustmed.programs.site_web import create_app
from trustmed.region.links.service import feed
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.watch.probe import probe

REFERENCE = 'server = "reference"\ndatabase = "reference"'
BOOKING = 'name = "booking"\n'
FORM = TEXT.replace(BOOKING + REFERENCE, BOOKING + 'server = "desk"\ndatabase = "booking"').replace(
    REFERENCE, 'server = "hub"\ndatabase = "region"'
)
TO_BOOKING, TO_HUB = "hospital_clinic_to_desk_booking_1", "hospital_documents_to_hub_region_1"
PART, ALL = "Нет связи с частью региона. Документы передаются", "Нет связи с регионом, документы будут переданы."
SEEN_SECONDS = 60.0


@pytest.fixture(scope="module")
def apart(servers_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with run_applied(servers_root, tmp_path_factory.mktemp("apart"), FORM, ("hub", "desk", "hospital")) as made:
        yield made


@pytest.fixture
async def site(apart: Region, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncTestClient]:
    """The site's application, watching its link."""
    monkeypatch.delenv("TRUSTMED_SEMD_DIR", raising=False)
    async with AsyncTestClient(create_app(apart.topology, "hospital")) as client:
        yield client


async def wait_for_view(site: AsyncTestClient, holds: Callable[[LinkView], bool]) -> LinkView:
    """Return what the site says of its link once the condition holds; fail if it never does."""
    deadline = time.monotonic() + SEEN_SECONDS
    while not holds(view := site.app.state.clinic.link.view):
        assert time.monotonic() < deadline, view
        await asyncio.sleep(0.1)
    return view


def sign_document(region: Region) -> datetime:
    """Insert what signing a document leaves for the link to carry; return when."""
    row = (
        region.documents()
        .execute(
            "insert into registry.document_event (organization_id, document_id, event, actor_id, actor_name)"
            " values (101, uuidv7(), 'signed', uuidv7(), 'Проверкин П. П.') returning at"
        )
        .fetchone()
    )
    assert row
    return row[0]


async def test_a_cut_booking_link_is_reported_and_holds_up_no_document(apart: Region, site: AsyncTestClient) -> None:
    await wait_for_view(site, lambda view: view.state == "linked")
    apart.servers["desk"].stop()
    view = await wait_for_view(site, lambda view: view.state == "cut")
    assert view.cause == TO_BOOKING
    signed_at = sign_document(apart)
    view = await wait_for_view(site, lambda view: view.has(signed_at))
    assert (view.state, view.cause, view.waiting) == ("cut", TO_BOOKING, {101: 0})
    assert PART in (await site.get("/sign-in")).text
    await health_says(site, "region_link", "degraded")

    apart.servers["hub"].stop()
    await wait_for_view(site, lambda view: TO_HUB in (view.cause or ""))
    signed_at = sign_document(apart)
    view = await wait_for_view(site, lambda view: view.waiting == {101: 1})
    assert not view.has(signed_at)
    assert ALL in (await site.get("/sign-in")).text

    apart.servers["desk"].start()
    apart.servers["hub"].start()
    view = await wait_for_view(site, lambda view: view.state == "linked" and view.has(signed_at))
    assert ALL not in (await site.get("/sign-in")).text


async def test_the_region_shows_the_link_and_the_feed_of_booking(apart: Region) -> None:
    states = {state.link for state in probe(apart.topology)}
    assert {"hospital_clinic_to_desk_booking", "hub_region_to_desk_booking"} <= states
    pools = Pools(apart.topology)
    await pools.open()
    try:
        shown = await feed(pools, {Place.BOOKING})
    finally:
        await pools.close()
    assert {(one.database, one.awaited) for one in shown} == {("hub_region", False), ("desk_booking", True)}
