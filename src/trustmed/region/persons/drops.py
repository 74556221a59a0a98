"""The effects that drop a person's hot copies when the person's links or the rows of their patients change."""

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


def dropping_effect(name: str, place: Place, tables: frozenset[str], key: Callable[[UUID], str]) -> Effect:
    """Return an effect that drops the hot copy at `key(person)` when these tables change, and vouches for the rest."""

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
    """Return whether the change does not say which person the row belonged to until now.

    An update carries the former person only if the person changed, and only if the table's replica identity holds it;
    with such an identity, an update without an old row has left the person as it was.
    """
    if change.table == "mpi.patient_link" and change.kind in ("update", "delete"):
        if change.old is None:
            return change.new is None or not change.new.in_key("person_id")
        return not isinstance(change.old.raw("person_id"), bytes)
    return change.kind in ("truncate", "delete")


def _persons_of(surroundings: Surroundings, changes: Sequence[Change]) -> set[UUID]:
    """Return the persons that changed rows name, and the persons of the patients that the other rows name."""
    persons: set[UUID] = set()
    patients = set()
    for change in changes:
        if change.table in NAMES_PERSON:
            named = (row["person_id"] for row in (change.old, change.new) if row)
            persons |= {person for person in named if isinstance(person, UUID)}
        elif change.new is not None:
            patients.add(patient_key(change.new, "patient_id"))
    if patients:
        found = surroundings.connection.execute(QUERIES["persons_of_patients"], arrays(patients))
        persons |= {person_id for (person_id,) in found}
    return persons
