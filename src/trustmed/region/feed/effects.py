"""The list of effects: what the region does about changes. A part that must know of changes adds its effect here."""

from collections.abc import Callable, Sequence
from uuid import UUID

from trustmed.db.queries import load
from trustmed.region.booking.effects.conflicts import BOOKING_CONFLICTS
from trustmed.region.booking.effects.hot import DROP_HOT_SLOTS
from trustmed.region.booking.effects.words import BOOKING_WORDS
from trustmed.region.facts.extraction import DocumentKey, extract
from trustmed.region.facts.load import extract_all, extract_some
from trustmed.region.feed.changes import Change
from trustmed.region.feed.effect import Effect, Surroundings
from trustmed.region.feed.values import Row
from trustmed.region.hot.protocol import (
    DROP_DOCUMENTS,
    DROP_RECORD,
    DROP_RECORD_BOOKING,
    DROP_RECORD_SHARD,
    documents_key,
    record_key,
)
from trustmed.region.index.link import BATCH, link_anew, link_in_parallel, link_patients
from trustmed.region.index.load import link_all
from trustmed.region.index.model import PatientKey, arrays
from trustmed.schema import Place

QUERIES = load(__package__)
DOCUMENTS = frozenset({"registry.document", "mpi.patient_link"})
RECORD = frozenset({"record.visit", "record.fact", "mpi.patient_link"})
NAMES_PERSON = frozenset({"mpi.patient_link", "booking.region_booking"})
BOOKING = frozenset({"booking.site_booking", "booking.region_booking"})
WORKERS = 2  # connections: while one waits for the disk, another decides


def _link(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    """Patients as they came, side by side where they are many; then those whom stewards' acts want matched anew."""
    came = [_patient_key(one.new, "id") for one in changes if one.new is not None and one.table == "mpi.patient"]
    if len(set(came)) > BATCH:
        link_in_parallel(surroundings.connect, WORKERS, came)
    elif came:
        link_patients(surroundings.connection, came)
    if any(one.table == "mpi.rematch" for one in changes if one.new is not None):
        link_anew(surroundings.connection)


def _link_all(surroundings: Surroundings) -> None:
    link_all(surroundings.connect, WORKERS)
    link_anew(surroundings.connection)


def _dropping(effect: str, key: Callable[[UUID], str]) -> Callable[[Surroundings, Sequence[Change]], None]:
    """Drop the copies of the people whose patients' rows, or whose links, have changed."""

    def drop(surroundings: Surroundings, changes: Sequence[Change]) -> None:
        if any(_unknown_before(change) for change in changes):
            surroundings.drops(effect).drop_all()
            return
        people = _people_of_rows(surroundings, [change for change in changes if change.table not in NAMES_PERSON])
        for change in changes:
            if change.table in NAMES_PERSON:
                people |= {person for row in (change.old, change.new) if row and (person := _uuid(row["person_id"]))}
        surroundings.drops(effect).drop(map(key, people))

    return drop


def _unknown_before(change: Change) -> bool:
    """Whether it is not said whose list this was until now. An update names the former person only if it changed it,
    and only where the table's identity holds it: without an old row the person is then the same as before.
    """
    if change.table == "mpi.patient_link" and change.kind in ("update", "delete"):
        if change.old is None:
            return change.new is None or not change.new.in_key("person_id")
        return not isinstance(change.old.raw("person_id"), bytes)
    return change.kind in ("truncate", "delete")


def _people_of_rows(surroundings: Surroundings, changes: Sequence[Change]) -> set[UUID]:
    keys = {_patient_key(change.new, "patient_id") for change in changes if change.new is not None}
    if not keys:
        return set()
    return {person for (person,) in surroundings.connection.execute(QUERIES["people_of_patients"], arrays(keys))}


def _drop_hot(effect: str, place: Place, tables: frozenset[str], key: Callable[[UUID], str]) -> Effect:
    """An effect that keeps the hot copies at `key` of a person true to these tables, and vouches for them."""

    def drop_all(surroundings: Surroundings) -> None:
        surroundings.drops(effect).drop_all()

    def vouch(surroundings: Surroundings) -> None:
        surroundings.drops(effect).vouch()

    return Effect(effect, place, tables, _dropping(effect, key), drop_all, vouch)


def _extract(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    extract(surroundings.connection, [_document_key(row) for one in changes if (row := one.new or one.old) is not None])


def _extract_all(surroundings: Surroundings) -> None:
    extract_all(surroundings.connection)


def _extract_some(surroundings: Surroundings) -> None:
    extract_some(surroundings.connection)


def _document_key(row: Row) -> DocumentKey:
    organization_id, document_id = row["organization_id"], row["document_id"]
    if not isinstance(organization_id, int) or not isinstance(document_id, UUID):
        raise TypeError("organization_id and document_id are not of the expected types")
    return DocumentKey(organization_id, document_id)


def _patient_key(row: Row, column: str) -> PatientKey:
    organization_id, patient_id = row["organization_id"], row[column]
    if not isinstance(organization_id, int) or not isinstance(patient_id, UUID):
        raise TypeError(f"organization_id and {column} are not of the expected types")
    return PatientKey(organization_id, patient_id)


def _uuid(value: object) -> UUID | None:
    return value if isinstance(value, UUID) else None


EFFECTS: tuple[Effect, ...] = (
    Effect("link_patients", Place.MPI, frozenset({"mpi.patient", "mpi.rematch"}), _link, _link_all),
    Effect("extract_facts", Place.RECORD, frozenset({"record.document_body"}), _extract, _extract_all, _extract_some),
    _drop_hot(DROP_DOCUMENTS, Place.REGISTRY, DOCUMENTS, documents_key),
    _drop_hot(DROP_RECORD, Place.REGISTRY, DOCUMENTS, record_key),
    _drop_hot(DROP_RECORD_SHARD, Place.RECORD, RECORD, record_key),
    _drop_hot(DROP_RECORD_BOOKING, Place.BOOKING, BOOKING, record_key),
    BOOKING_WORDS,
    BOOKING_CONFLICTS,
    DROP_HOT_SLOTS,
)
