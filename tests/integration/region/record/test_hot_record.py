"""The summary from its hot copy: never partial, never older than a drop in any of its realms, never unrecorded."""

import pytest
from psycopg import sql

from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand
from tests.integration.region.record.conftest import DOCTOR, Patient, add_patient_of, apart, titles, together
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotDrops
from trustmed.region.pools import Pools
from trustmed.region.record.copies import record_key
from trustmed.region.record.fallback import RecordUnreachable
from trustmed.region.record.timeline import FORM, summary, timeline
from trustmed.schema import Place


def delete_from_shard(hospital: Patient) -> None:
    """Delete what the shard holds without any drop, so that only a hot copy still has it."""
    for table in ("visit", "fact"):
        with hospital.region.admin(Place.RECORD, hospital.organization_id) as connection:
            query = sql.SQL("delete from record.{} where patient_id = %s").format(sql.Identifier(table))
            connection.execute(query, (hospital.id,))


async def test_the_second_reading_comes_from_the_copy_and_is_audited(
    region: RegionStand, pools: Pools, hot: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(doctor="Первый")
    polyclinic.add_fact("allergy", "Пенициллин")
    first = await summary(pools, hot, DOCTOR, alice.id)
    delete_from_shard(hospital)
    delete_from_shard(polyclinic)
    before = len(region.audit())
    assert await summary(pools, hot, DOCTOR, alice.id) == first
    assert len(region.audit()) == before + 1
    assert titles((await timeline(pools, hot, DOCTOR, alice.id, limit=1)).events) == titles(first.timeline.events)[:1]


async def test_a_drop_or_a_new_epoch_in_any_realm_brings_a_fresh_answer(
    pools: Pools, hot: HotCopies, drops: dict[str, HotDrops], alice: Citizen, hospital: Patient, polyclinic: Patient
):
    polyclinic.add_visit(doctor="П")
    assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == 1
    for number, drop in enumerate(drops.values()):
        hospital.add_visit(doctor=f"Врач {number}")
        assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == number + 1
        assert drop.drop([record_key(alice.id)]) if number % 2 else drop.drop_all()
        assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == number + 2


async def test_a_copy_made_for_other_patients_is_not_used(
    region: RegionStand, pools: Pools, hot: HotCopies, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == 1
    other = add_patient_of(region, alice, HOSPITAL)
    other.add_visit()
    assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == 2


@apart
async def test_a_partial_answer_is_not_copied(
    region: RegionStand, pools: Pools, hot: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(doctor="Первый")
    polyclinic.add_visit(doctor="Второй")
    with region.admin(Place.RECORD, POLYCLINIC) as connection, connection.transaction():
        connection.execute("lock table record.visit in access exclusive mode")
        partial = await summary(pools, hot, DOCTOR, alice.id)
    assert partial.timeline.missing
    whole = await summary(pools, hot, DOCTOR, alice.id)
    while whole.timeline.missing:  # the pool tries the part again after a while
        whole = await summary(pools, hot, DOCTOR, alice.id)
    assert len(whole.timeline.events) == 2


async def test_without_the_shards_realms_a_copy_is_not_trusted(
    pools: Pools, hot: HotCopies, drops: dict[str, HotDrops], alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    realms = list(drops)
    await timeline(pools, hot, DOCTOR, alice.id)
    assert await hot.get(record_key(alice.id), realms[:1], FORM) is None, "the registry's realm alone is not enough"


@together
async def test_nothing_is_returned_when_the_reading_cannot_be_audited(
    region: RegionStand, pools: Pools, hot: HotCopies, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    assert len((await timeline(pools, hot, DOCTOR, alice.id)).events) == 1
    with region.admin(Place.REGISTRY) as connection, connection.transaction():
        connection.execute("lock table audit.access in exclusive mode")
        with pytest.raises(RecordUnreachable):
            await timeline(pools, hot, DOCTOR, alice.id)
