"""Emergency access notifies every clinic of the person together with the reader's audit row, or is refused."""

from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from tests.fix_region import ELSEWHERE, HOSPITAL, POLYCLINIC, RegionStand

from trustmed.region.access.emergency import ReasonNeeded, Staff, record_emergency_access
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.model import LooksQuery
from trustmed.region.disclosures.service import find_looks
from trustmed.region.pools import PartMissing, Pools
from trustmed.schema import Place

DOCTOR = Reader("doctor-id", "Иванов Иван, реаниматолог (МИС)", "region", "break_glass", organization_id=POLYCLINIC)
OF_REGION = Reader("physician-id", "Иванов Иван", "region", "break_glass")
STAFF = Staff("Иванов Иван", "реаниматолог")
REASON = "Без сознания, нужен анамнез"


def find_notices(region: RegionStand, person_id: UUID) -> list[tuple]:
    with region.admin(Place.MPI) as connection:
        return connection.execute(
            "select organization_id, reader_name, reader_position, reader_organization, reason from mpi.break_glass"
            " where person_id = %s order by 1",
            (person_id,),
        ).fetchall()


async def test_every_clinic_of_the_person_is_notified_once(region: RegionStand, pools: Pools):
    alice, boris = region.add_citizen(), region.add_citizen()
    for organization_id in (HOSPITAL, HOSPITAL, POLYCLINIC):  # two cards in one clinic
        region.add_patient(alice, organization_id)
    region.add_patient(boris)
    for _ in range(2):  # reading on is the same access
        await record_emergency_access(pools, DOCTOR, STAFF, alice.id, f" {REASON}\n")
    notice = ("Иванов Иван", "реаниматолог", POLYCLINIC, REASON)
    # The reader's own clinic has the access in its own audit log.
    assert find_notices(region, alice.id) == [(number, *notice) for number in (HOSPITAL, ELSEWHERE)]
    assert find_notices(region, boris.id) == []


async def test_the_person_sees_who_read_why_and_from_where(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    await record_emergency_access(pools, DOCTOR, STAFF, alice.id, REASON)
    found = await find_looks(pools, Reader("p", "Портал", "portal", "own"), alice.id, LooksQuery(glass_only=True))
    assert [(one.actor_name, one.organization_id, one.reason) for one in found.looks] == [
        ("Иванов Иван, реаниматолог", POLYCLINIC, REASON)
    ]


@pytest.mark.parametrize("reason", ["", "  \u200b ", "x", "ё" * 1001])
async def test_without_a_reason_nothing_is_written(region: RegionStand, pools: Pools, reason: str):
    alice = region.add_citizen()
    with pytest.raises(ReasonNeeded):
        await record_emergency_access(pools, OF_REGION, STAFF, alice.id, reason)
    assert find_notices(region, alice.id) == []
    assert [row for row in region.audit(Place.MPI) if row[2] == alice.id] == []


async def test_with_the_index_down_emergency_access_is_refused(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    with region.stopped("centre"), pytest.raises(PartMissing):
        await record_emergency_access(pools, OF_REGION, STAFF, alice.id, REASON)
    assert find_notices(region, alice.id) == []


@pytest.mark.parametrize(("ground", "own"), [("treatment", True), ("break_glass", False)])
def test_the_database_refuses_a_notice_without_the_audit_row_of_that_person(
    region: RegionStand, ground: str, own: bool
):
    alice, boris = region.add_citizen(), region.add_citizen()
    region.add_patient(alice)
    region.add_patient(boris)
    access = uuid4()
    with region.connect(Place.MPI, "trustmed_region") as connection, connection.transaction():
        connection.execute(
            "insert into audit.access (id, actor, actor_name, channel, action, ground, person_id)"
            " values (%s, 'a', 'a', 'region', 'record:glass:break', %s, %s)",
            (access, ground, alice.id),
        )
        connection.execute("select set_config('trustmed.access_id', %s, true)", (str(access),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(
                "insert into mpi.break_glass (organization_id, patient_id, person_id, reader_name, reader_position,"
                " reason) values (101, %s, %s, 'x', 'x', 'x')",
                (uuid4(), (alice if own else boris).id),
            )


@pytest.mark.parametrize("column", ["at", "id"])
def test_the_writer_cannot_set_the_time_or_id_of_a_notice(region: RegionStand, column: str):
    with (
        region.connect(Place.MPI, "trustmed_region") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(sql.SQL("insert into mpi.break_glass ({}) values (null)").format(sql.Identifier(column)))
