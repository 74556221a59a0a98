"""A transaction that audited booking for a person sees their bookings and those of unknown persons."""

from uuid import UUID, uuid4

import psycopg
import pytest
from tests.fix_region import RegionStand, new_snils
from tests.integration.region.booking.rows import Clinic, at

from trustmed.schema import Place

BOOKING = (
    "insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id, speciality_code,"
    " starts_at, ends_at, person_id, snils, surname, given_name, birth_date, channel, booked_by, booked_by_name)"
    " select organization_id, uuidv7(), id, 1, resource_id, '1', starts_at, ends_at, %s, %s, 'x', 'x', '1980-01-01',"
    " 'portal', 'x', 'x' from booking.slot where id = %s"
)
OF = "select count(*) from booking.bookings_of(%s, %s, null, 'x', 'x', '1980-01-01', '-infinity', 'infinity')"


class Rows:
    """Bookings of Алиса, of Борис, and of somebody unknown with this СНИЛС."""

    def __init__(self, region: RegionStand) -> None:
        self.alice, self.boris, self.snils = uuid4(), uuid4(), new_snils()
        clinic = Clinic(region)
        doctor = clinic.add_doctor()
        slots = [clinic.add_slot(doctor, at(8 + number)) for number in range(4)]
        self.free = slots[3]
        with clinic.admin() as connection:
            connection.execute(BOOKING, (self.alice, None, slots[0]))
            connection.execute(BOOKING, (self.boris, None, slots[1]))
            connection.execute(BOOKING, (None, self.snils, slots[2]))
        self.slots = slots[:3]

    def find_visible(self, connection: psycopg.Connection) -> list[UUID]:
        rows = connection.execute(
            "select slot_id from booking.region_booking where slot_id = any(%s) order by starts_at", (self.slots,)
        )
        return [slot for (slot,) in rows]


@pytest.fixture
def rows(region: RegionStand) -> Rows:
    return Rows(region)


def audit_access(connection: psycopg.Connection, person: UUID | None, action: str = "booking:slot:book") -> None:
    """Insert the transaction's own row of the audit log."""
    connection.execute(
        "insert into audit.access (id, actor, actor_name, channel, action, ground, person_id)"
        " values (set_config('trustmed.access_id', uuidv7()::text, true)::uuid, 'a', 'a', 'region', %s, 'own', %s)",
        (action, person),
    )


def count_bookings(connection: psycopg.Connection, *values: object) -> int:
    row = connection.execute(OF, values).fetchone()
    assert row
    return row[0]


def test_only_bookings_of_the_audited_person_and_of_unknown_persons_are_seen(region: RegionStand, rows: Rows):
    with region.connect(Place.BOOKING, "trustmed_region") as connection:
        with connection.transaction():
            assert rows.find_visible(connection) == []
            assert count_bookings(connection, rows.alice, None) == 0
        with connection.transaction():
            audit_access(connection, rows.alice)
            assert rows.find_visible(connection) == [rows.slots[0], rows.slots[2]]
            assert count_bookings(connection, rows.alice, rows.snils) == 2
            assert count_bookings(connection, rows.boris, None) == 0, "the function opens no more than the row says"
            assert count_bookings(connection, None, rows.snils) == 0
        with connection.transaction():
            audit_access(connection, None)
            assert rows.find_visible(connection) == [rows.slots[2]]
            assert count_bookings(connection, None, rows.snils) == 1
            assert count_bookings(connection, rows.alice, None) == 0
        with connection.transaction():
            audit_access(connection, rows.alice, "registry:documents:list")
            assert rows.find_visible(connection) == [rows.slots[0]]
            assert count_bookings(connection, rows.alice, None) == 0


@pytest.mark.parametrize("whose", ["nobody's row", "another's row"])
def test_a_booking_is_made_only_for_the_audited_person(region: RegionStand, rows: Rows, whose: str):
    with region.connect(Place.BOOKING, "trustmed_region") as connection, connection.transaction(force_rollback=True):
        if whose == "another's row":
            audit_access(connection, rows.boris)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(BOOKING, (rows.alice, None, rows.free))


def test_only_the_persons_own_booking_is_ended_and_no_other_column_is_changed(region: RegionStand, rows: Rows):
    end = "update booking.region_booking set ended_at = now(), ended_how = 'cancelled' where slot_id = %s"
    with region.connect(Place.BOOKING, "trustmed_region") as connection:
        with connection.transaction():
            audit_access(connection, rows.alice)
            assert connection.execute(end, (rows.slots[1],)).rowcount == 0
            assert connection.execute(end, (rows.slots[0],)).rowcount == 1
        for change in ("set slot_id = uuidv7()", "set person_id = null", "set starts_at = now()"):
            with connection.transaction(force_rollback=True):
                audit_access(connection, rows.alice)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"update booking.region_booking {change}".encode())


@pytest.mark.parametrize("write", ["insert into booking.{} default values", "delete from booking.{}"])
@pytest.mark.parametrize("table", ["slot", "handover", "recall", "site_booking", "handback", "conflict", "quota"])
def test_the_web_program_cannot_write_rows_of_a_site_or_of_the_feed(region: RegionStand, table: str, write: str):
    with (
        region.connect(Place.BOOKING, "trustmed_region") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(write.format(table).encode())
