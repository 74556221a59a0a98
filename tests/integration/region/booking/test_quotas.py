"""Shares of slots and counts by owner, as the engineer's commands show them."""

import pytest
from typer.testing import CliRunner

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import Clinic, at, booking_request, caller
from trustmed.booking.share import Quota
from trustmed.region.booking import commands
from trustmed.region.booking.quotas import OrganizationMissing, QuotaRefused, owned, quotas, set_quota
from trustmed.schema import Place


def test_a_share_can_be_set_and_changed(region: RegionStand):
    with region.connect(Place.BOOKING, "trustmed_feed") as connection:
        for percent in (30, 40):
            set_quota(connection, region.topology, HOSPITAL, Quota("first", "97", percent, 24), "Инженер")
        (share,) = [one for one in quotas(connection, HOSPITAL) if one.speciality_code == "97"]
        assert (share.percent, share.return_hours, share.set_by) == (40, 24, "Инженер")
        assert share not in quotas(connection, POLYCLINIC)
        assert share in quotas(connection)


@pytest.mark.parametrize(
    ("organization_id", "quota", "refusal"),
    [
        (5, Quota("first", "", 30, 24), OrganizationMissing),
        (HOSPITAL, Quota("second", "", 30, 24), QuotaRefused),
        (HOSPITAL, Quota("first", "", 101, 24), QuotaRefused),
        (HOSPITAL, Quota("first", "", -1, 24), QuotaRefused),
        (HOSPITAL, Quota("first", "", 30, 721), QuotaRefused),
        (HOSPITAL, Quota("first", "\x00", 30, 24), QuotaRefused),
    ],
)
def test_an_invalid_share_is_refused(region: RegionStand, organization_id: int, quota: Quota, refusal: type[Exception]):
    with region.connect(Place.BOOKING, "trustmed_feed") as connection:
        before = quotas(connection)
        with pytest.raises(refusal):
            set_quota(connection, region.topology, organization_id, quota, "Инженер")
        assert quotas(connection) == before


async def test_slots_are_counted_by_owner(region: RegionStand, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    clinic = Clinic(region, POLYCLINIC)
    doctor = clinic.add_doctor()
    with region.connect(Place.BOOKING, "trustmed_feed") as connection:
        before = owned(connection, [POLYCLINIC])
        clinic.add_slot(doctor, at(8), handed=False)
        clinic.hand_back(clinic.add_slot(doctor, at(9)))
        clinic.add_slot(doctor, at(10))
        await desk.book(caller(region.add_citizen()), booking_request(clinic.add_slot(doctor, at(11))), POLYCLINIC)
        clinic.withdraw(clinic.add_slot(doctor, at(12)))
        (after,) = owned(connection, [POLYCLINIC, 5])
    was = (before[0].of_site, before[0].free, before[0].booked) if before else (0, 0, 0)
    assert (after.of_site - was[0], after.free - was[1], after.booked - was[2]) == (2, 1, 1)

    monkeypatch.setattr("trustmed.topology.file.load.load", lambda _: region.topology)
    shown = CliRunner().invoke(commands.app, ["slots", "--organization", str(POLYCLINIC), "--language", "en"])
    assert [line.split()[0] for line in shown.output.splitlines()[1:]] == [
        str(count) for count in (after.of_site, after.free, after.booked)
    ]


def test_the_commands_set_and_list_quotas(region: RegionStand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda _: region.topology)
    run = CliRunner()
    done = run.invoke(commands.app, ["quota", "set", str(POLYCLINIC), "repeat", "20", "12", "--speciality", "109"])
    assert done.exit_code == 0, done.output
    listed = run.invoke(commands.app, ["quota", "list", "--organization", str(POLYCLINIC), "--language", "en"])
    assert "repeat\t109\t20%\t12 h before" in listed.output
    refused = run.invoke(commands.app, ["quota", "set", "5", "repeat", "20", "12"])
    assert refused.exit_code != 0
