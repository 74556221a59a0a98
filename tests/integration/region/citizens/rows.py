"""Cards of people in the index, as replication and the matcher would have brought them."""

from uuid import UUID, uuid4

from tests.fix_region import HOSPITAL, RegionStand, Signed
from trustmed.schema import Place

SURNAME, GIVEN_NAME, PATRONYMIC, BORN = "Проверкин", "Борис", "Петрович", "1975-03-03"


def add_person(region: RegionStand) -> UUID:
    """Add a person without cards."""
    with region.admin(Place.MPI) as connection:
        row = connection.execute("insert into mpi.person default values returning id").fetchone()
    assert row
    return row[0]


def add_card(
    region: RegionStand,
    person: UUID,
    snils: str | None,
    *,
    surname: str = SURNAME,
    given_name: str = GIVEN_NAME,
    patronymic: str | None = PATRONYMIC,
    born: str = BORN,
) -> Signed:
    """Add a card of the hospital that is linked to the person everywhere, and a signed document of its patient."""
    patient_id = uuid4()
    with region.admin(Place.MPI) as connection:
        connection.execute(
            "insert into mpi.patient (organization_id, id, surname, given_name, patronymic, birth_date, sex, snils)"
            " values (%s, %s, %s, %s, %s, %s, 3, %s)",
            (HOSPITAL, patient_id, surname, given_name, patronymic, born, snils),
        )
    for place in (Place.MPI, Place.REGISTRY, Place.BOOKING, Place.RECORD):
        with region.admin(place) as connection:
            connection.execute(
                "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                " values (%s, %s, %s, 'automatic', 'test') on conflict do nothing",
                (HOSPITAL, patient_id, person),
            )
    return region.sign(patient_id)


def correct_card(region: RegionStand, signed: Signed, snils: str | None) -> None:
    """Correct the number in a card, as its clinic would."""
    with region.admin(Place.MPI) as connection:
        connection.execute("update mpi.patient set snils = %s where id = %s", (snils, signed.patient_id))


def move_card(region: RegionStand, signed: Signed, person: UUID) -> None:
    """Link a card to another person everywhere, as when a steward splits a person."""
    for place in (Place.MPI, Place.REGISTRY, Place.BOOKING, Place.RECORD):
        with region.admin(place) as connection:
            connection.execute(
                "update mpi.patient_link set person_id = %s, decision = 'manual' where patient_id = %s",
                (person, signed.patient_id),
            )


def open_questions(region: RegionStand, snils: str) -> list[UUID]:
    with region.admin(Place.MPI) as connection:
        rows = connection.execute(
            "select id from mpi.citizen_question where snils = %s and closed_at is null", (snils,)
        ).fetchall()
    return [one for (one,) in rows]
