"""A person's first page from its hot copy: never older than the feed's last drop, never without an audit row."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
from tests.fix_region import RegionStand, Signed
from tests.fix_servers import RunningValkey

from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotDrops
from trustmed.hot.protocol import realm
from trustmed.region.access.model import Reader
from trustmed.region.pools import PartMissing, Pools
from trustmed.region.registry.copies import DROP_DOCUMENTS, documents_key
from trustmed.region.registry.service import documents_of_person
from trustmed.schema import Place

PORTAL = Reader("a", "portal", "portal", "own")


@pytest.fixture
def drops(region: RegionStand, valkey_server: RunningValkey) -> Iterator[HotDrops]:
    """The drops of the change feed, vouched for as up to date."""
    made = HotDrops(valkey_server.url, realm(DROP_DOCUMENTS, region.topology.database_of(Place.REGISTRY).label))
    assert made.vouch() or made.vouch()
    yield made
    made.close()


@pytest.fixture
async def hot(valkey_server: RunningValkey, drops: HotDrops) -> AsyncIterator[HotCopies]:
    made = HotCopies(valkey_server.url)
    yield made
    await made.close()


async def list_documents(pools: Pools, hot: HotCopies, person_id: UUID, limit: int = 50) -> list[UUID]:
    page = await documents_of_person(pools, hot, PORTAL, person_id, limit=limit)
    return [document.id for document in page.documents]


def delete_document(region: RegionStand, signed: Signed) -> None:
    """Delete a document without any drop, so that only a hot copy still has it."""
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("delete from registry.document where id = %s", (signed.id,))


async def test_the_second_read_comes_from_the_copy_and_is_audited_all_the_same(
    region: RegionStand, pools: Pools, hot: HotCopies
):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    assert await list_documents(pools, hot, alice.id) == [signed.id]
    delete_document(region, signed)
    assert await list_documents(pools, hot, alice.id) == [signed.id]
    assert [row[:2] for row in region.audit() if row[2] == alice.id] == [("registry:documents:list", "granted")] * 2


async def test_a_copy_equals_the_databases_answer_to_the_last_field(region: RegionStand, pools: Pools, hot: HotCopies):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    for _ in range(3):
        region.sign(patient)
    cold = HotCopies(None)
    direct = await documents_of_person(pools, cold, PORTAL, alice.id)
    assert await documents_of_person(pools, hot, PORTAL, alice.id) == direct
    assert await documents_of_person(pools, hot, PORTAL, alice.id) == direct
    for limit in (1, 2, 3):
        expected = await documents_of_person(pools, cold, PORTAL, alice.id, limit=limit)
        assert await documents_of_person(pools, hot, PORTAL, alice.id, limit=limit) == expected


async def test_after_the_feeds_drop_the_new_document_is_listed(
    region: RegionStand, pools: Pools, hot: HotCopies, drops: HotDrops
):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    first = region.sign(patient)
    await list_documents(pools, hot, alice.id)
    second = region.sign(patient)
    assert drops.drop([documents_key(alice.id)])
    assert set(await list_documents(pools, hot, alice.id)) == {first.id, second.id}


async def test_a_copy_made_for_other_patients_is_not_used(region: RegionStand, pools: Pools, hot: HotCopies):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    assert await list_documents(pools, hot, alice.id) == [signed.id]
    region.unlink(signed.patient_id)
    assert await list_documents(pools, hot, alice.id) == []
    region.add_patient(alice)
    assert await list_documents(pools, hot, alice.id) == []


async def test_later_pages_bypass_the_copy(region: RegionStand, pools: Pools, hot: HotCopies):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    documents = [region.sign(patient) for _ in range(2)]
    page = await documents_of_person(pools, hot, PORTAL, alice.id, limit=1)
    for signed in documents:
        delete_document(region, signed)
    later = await documents_of_person(pools, hot, PORTAL, alice.id, after=page.after, limit=1)
    assert later.documents == ()


async def test_nothing_is_returned_when_the_reading_cannot_be_audited(
    region: RegionStand, pools: Pools, hot: HotCopies
):
    alice = region.add_citizen()
    region.sign(region.add_patient(alice))
    assert len(await list_documents(pools, hot, alice.id)) == 1
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("begin")
        connection.execute("lock table audit.access in exclusive mode")
        with pytest.raises(PartMissing):
            await list_documents(pools, hot, alice.id)


async def test_without_redis_the_list_is_the_same(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    dead = HotCopies("redis://127.0.0.1:1/0")
    assert await list_documents(pools, dead, alice.id) == [signed.id]
    await dead.close()
