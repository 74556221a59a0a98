"""What a site knows of its link with the region: by slots of its own databases alone."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest

from tests.fix_site import HOSPITAL, Client, SiteStand
from tests.waiting import health_says
from trustmed.clinic.link.outgoing import outgoing
from trustmed.clinic.link.slots import Slot, newest_epochs
from trustmed.clinic.link.watch import LinkWatch
from trustmed.clinic.work import Databases
from trustmed.schema import Place


@pytest.fixture
def slots(site: SiteStand) -> Iterator[list[str]]:
    """Slots as `trustmed topology apply` makes them, to both databases of the region; nobody reads them."""
    database = site.topology.database_of(Place.DOCUMENTS, site.site)
    names = [f"{link}_1" for link in outgoing(site.topology, database).of_documents]
    with site.admin(Place.DOCUMENTS) as connection:
        for name in names:
            connection.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (name,))
        yield names
        for name in names:
            connection.execute("select pg_drop_replication_slot(%s)", (name,))


@pytest.fixture
async def databases(site: SiteStand) -> AsyncIterator[Databases]:
    opened = Databases(site.topology, site.site, size=3)
    await opened.open()
    yield opened
    await opened.close()


async def start_watch(site: SiteStand, databases: Databases) -> LinkWatch:
    watch = LinkWatch(site.topology, site.site, databases)
    await watch.marks.restore()
    return watch


async def sign_document(site: SiteStand, doctor: Client) -> datetime:
    draft = await doctor.preview(site)
    signed = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    return datetime.fromisoformat(signed.json()["signed_at"])


def advance_slots(site: SiteStand, slots: list[str]) -> None:
    """Advance the slots as if the region had taken everything."""
    with site.admin(Place.DOCUMENTS) as connection:
        for name in slots:
            connection.execute("select pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", (name,))


async def test_without_slots_the_link_is_absent(site: SiteStand, databases: Databases) -> None:
    assert (await (await start_watch(site, databases)).look()).state == "absent"


async def test_a_document_waits_until_both_slots_have_it(
    site: SiteStand, databases: Databases, slots: list[str], doctor: Client
) -> None:
    watch = await start_watch(site, databases)
    await watch.look()
    advance_slots(site, slots)
    before = (await watch.look()).waiting[HOSPITAL]
    signed_at = await sign_document(site, doctor)
    seen = await watch.look()
    assert (seen.state, seen.has(signed_at), seen.waiting[HOSPITAL] - before) == ("cut", False, 1)
    advance_slots(site, slots[:1])
    assert not (await watch.look()).has(signed_at)
    advance_slots(site, slots)
    seen = await watch.look()
    assert (seen.has(signed_at), seen.waiting[HOSPITAL]) == (True, 0)


async def test_a_restart_while_cut_off_forgets_nothing(
    site: SiteStand, databases: Databases, slots: list[str], doctor: Client
) -> None:
    first = await sign_document(site, doctor)
    watch = await start_watch(site, databases)
    await watch.look()
    advance_slots(site, slots)
    assert (await watch.look()).has(first)
    second = await sign_document(site, doctor)
    restarted = await start_watch(site, databases)
    seen = await restarted.look()
    assert (seen.has(first), seen.has(second)) == (True, False)
    advance_slots(site, slots)
    assert (await restarted.look()).has(second)


async def test_a_document_still_being_committed_is_not_reported_as_handed_over(
    site: SiteStand, databases: Databases, slots: list[str], doctor: Client
) -> None:
    watch = await start_watch(site, databases)
    with watch.signing():
        signed_at = await sign_document(site, doctor)
        await watch.look()
        advance_slots(site, slots)
        assert not (await watch.look()).has(signed_at)


async def test_the_page_and_health_report_a_cut_link(site: SiteStand, slots: list[str], doctor: Client) -> None:
    await sign_document(site, doctor)
    view = await doctor.app.state.clinic.link.look()
    doctor.app.state.clinic.link.view = view
    page = await doctor.get("/patients")
    assert f"Нет связи с регионом, документы будут переданы. Ждут передачи: {view.waiting[HOSPITAL]}." in page.text
    assert (await health_says(doctor, "region_link", "degraded"))["state"] == "degraded"
    assert (await doctor.get("/ready")).status_code == 200


def test_only_the_newest_epoch_of_each_slot_counts() -> None:
    old, new, other = (Slot(name, True, 1) for name in ("a_to_b_2", "a_to_b_10", "a_to_c_1"))
    assert set(newest_epochs([new, old, other])) == {new, other}
