"""Effects that drop hot copies of persons when the rows of their patients, or their links, change."""

from collections.abc import Callable, Sequence
from uuid import UUID

from trustmed.db.queries import load
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.index.model import arrays, patient_key
from trustmed.schema import Place

QUERIES = load(__package__)
NAMES_PERSON = frozenset({"mpi.patient_link", "booking.region_booking"})
"""Tables whose rows name the person; in any other the person is found by the patient's link."""


def drop_copies(name: str, place: Place, tables: frozenset[str], key: Callable[[UUID], str]) -> Effect:
    """Return the effect that keeps the hot copies at `key` of a person true to these tables, and vouches for them."""

    def drop(surroundings: Surroundings, changes: Sequence[Change]) -> None:
        if any(is_former_person_unknown(change) for change in changes):
            surroundings.drops(name).drop_all()
        else:
            surroundings.drops(name).drop(map(key, _persons_of(surroundings, changes)))

    def drop_all(surroundings: Surroundings) -> None:
        surroundings.drops(name).drop_all()

    def vouch(surroundings: Surroundings) -> None:
        surroundings.drops(name).vouch()

    return Effect(name, place, tables, drop, drop_all, vouch)


def is_former_person_unknown(change: Change) -> bool:
    """Return whether the change does not say whose row this was until now.

    An update names the former person only if it changed it, and only where the table's replica identity holds it:
    without an old row the person is then the same as before.
    """
    if change.table == "mpi.patient_link" and change.kind in ("update", "delete"):
        if change.old is None:
            return change.new is None or not change.new.in_key("person_id")
        return not isinstance(change.old.raw("person_id"), bytes)
    return change.kind in ("truncate", "delete")


def _persons_of(surroundings: Surroundings, changes: Sequence[Change]) -> set[UUID]:
    """Return the persons that the changed rows name, and those whose patients the other rows are of."""
    persons: set[UUID] = set()
    patients = set()
    for change in changes:
        if change.table in NAMES_PERSON:
            named = (row["person_id"] for row in (change.old, change.new) if row)
            persons |= {person for person in named if isinstance(person, UUID)}
        elif change.new is not None:
            patients.add(patient_key(change.new, "patient_id"))
    if patients:
        found = surroundings.connection.execute(QUERIES["people_of_patients"], arrays(patients))
        persons |= {person for (person,) in found}
    return persons
