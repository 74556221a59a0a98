"""Linking patients to persons, safely against other registrations at the same moment.

What is decided on is read under advisory locks of every identifier and patient concerned, always from the tables as
they are now: a change that comes twice, late or out of order decides the same.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.errors import Unavailable
from trustmed.region.index.decide import Known, settle
from trustmed.region.index.model import Identifier, Kind, Link, Patient, PatientKey

QUERIES = load(__package__)
MOST_AT_ONCE = 200  # locks of one transaction: about three a patient
TRIES = 20


class IndexBusy(Unavailable):
    """The patients at hand kept changing while they were being linked."""


class _View(msgspec.Struct, frozen=True):
    """What was read. `fresh`: ids for new persons. `names`: the locks that make it stand still.

    `apart`: patients whom what these patients have become may concern as well.
    """

    wanted: tuple[Patient, ...]
    fresh: tuple[UUID, ...]
    known: Known
    names: frozenset[str]
    apart: tuple[PatientKey, ...]


def link_patient(connection: psycopg.Connection, key: PatientKey) -> Link | None:
    """Link one patient; None if there is no such row. Raises IndexBusy, psycopg.Error."""
    return link_patients(connection, [key]).get(key)


def link_patients(connection: psycopg.Connection, keys: Sequence[PatientKey]) -> dict[PatientKey, Link]:
    """Link these patients, durably, and say how; a key without a row is left out. Raises IndexBusy, psycopg.Error.

    Others are linked anew with them where that follows: who was kept apart from a person, or lacked an identifier
    that is free now. `connection` is to the index's database as trustmed_feed, in autocommit. Doing it again changes
    nothing.
    """
    linked: dict[PatientKey, Link] = {}
    ordered = list(dict.fromkeys(keys))
    for start in range(0, len(ordered), MOST_AT_ONCE):
        linked |= _link_some(connection, ordered[start : start + MOST_AT_ONCE])
    return linked


def link_all(connection: psycopg.Connection) -> int:
    """Link every patient there is; returns how many. For a first start, or after changes were lost."""
    last, count = PatientKey(-(2**31), UUID(int=0)), 0
    while True:
        values = {"organization_id": last.organization_id, "id": last.id, "count": MOST_AT_ONCE}
        page = [PatientKey(*row) for row in connection.execute(QUERIES["next_patients"], values)]
        if not page:
            return count
        link_patients(connection, page)
        last, count = page[-1], count + len(page)


def _link_some(connection: psycopg.Connection, asked: Sequence[PatientKey]) -> dict[PatientKey, Link]:
    names, keys = _names(connection, asked), tuple(asked)
    for _ in range(TRIES):
        with connection.transaction():
            connection.execute(QUERIES["lock"], {"names": sorted(names)})
            # As many again at most: an identifier that thousands have is nobody's, and must not stop the rest.
            view = _view(connection, keys, room=len(asked) + MOST_AT_ONCE - len(keys))
            if view.names <= names and not view.apart:
                linked = _settle(connection, view)
                return {key: linked[key] for key in asked if key in linked}
        names, keys = view.names | names, keys + view.apart
    raise IndexBusy(
        f"Пациенты менялись {TRIES} раз подряд, пока их связывали с людьми. Повторите; лента повторит сама.",
        f"Patients changed {TRIES} times in a row while being linked to persons. Try again; the feed does by itself.",
    )


def _settle(connection: psycopg.Connection, view: _View) -> dict[PatientKey, Link]:
    known = view.known
    before = Known(known.patients, dict(known.links), dict(known.owners))
    linked = {p.key: settle(known, p, person) for p, person in zip(view.wanted, view.fresh, strict=True)}
    used = set(view.fresh) & ({link.person_id for link in known.links.values()} | set(known.owners.values()))
    with connection.cursor() as cursor:
        cursor.executemany(QUERIES["insert_person"], [{"id": person} for person in sorted(used)])
        cursor.executemany(QUERIES["save_link"], _changed_links(before, linked))
        cursor.executemany(QUERIES["delete_owner"], _owners(before, known))
        cursor.executemany(QUERIES["save_owner"], _owners(known, before))
    return linked


def _changed_links(before: Known, linked: dict[PatientKey, Link]) -> list[dict[str, object]]:
    return [
        {
            "organization_id": key.organization_id,
            "patient_id": key.id,
            "person_id": link.person_id,
            "reason": link.reason,
        }
        for key, link in linked.items()
        if link != before.links.get(key) and link.decision == "automatic"
    ]


def _owners(those: Known, not_these: Known) -> list[dict[str, object]]:
    return [
        {"kind": identifier.kind, "value": identifier.value, "person_id": person}
        for identifier, person in sorted(those.owners.items())
        if not_these.owners.get(identifier) != person
    ]


def _names(connection: psycopg.Connection, keys: Sequence[PatientKey]) -> frozenset[str]:
    wanted, _, linked = _patients(connection, keys)
    mine = {identifier for patient in wanted for identifier in patient.identifiers}
    return _lock_names(keys, mine | set(_owners_of(connection, mine, {link.person_id for link in linked.values()})))


def _lock_names(keys: Sequence[PatientKey], identifiers: set[Identifier]) -> frozenset[str]:
    patients = {f"patient:{key.organization_id}:{key.id}" for key in keys}
    return frozenset(patients | {f"{one.kind}:{one.value}" for one in identifiers})


def _view(connection: psycopg.Connection, keys: Sequence[PatientKey], room: int) -> _View:
    wanted, fresh, linked = _patients(connection, keys)
    persons = {link.person_id for link in linked.values()}
    mine = {identifier for patient in wanted for identifier in patient.identifiers}
    owners = _owners_of(connection, mine, persons)
    patients = {patient.key: patient for patient in wanted}
    everyone = sorted(persons | set(owners.values()))
    for row in connection.execute(QUERIES["members"], {"persons": everyone}):
        key = PatientKey(*row[:2])
        linked[key] = Link(*row[2:5])
        patients.setdefault(key, _patient(*row[:2], *row[5:]))
    names = _lock_names(keys, mine | set(owners))
    apart = _apart(connection, mine | set(owners), keys, room)
    return _View(wanted, fresh, Known(patients, linked, owners), names, apart)


def _apart(
    connection: psycopg.Connection, identifiers: set[Identifier], keys: Sequence[PatientKey], room: int
) -> tuple[PatientKey, ...]:
    values = {
        "kinds": [one.kind for one in identifiers],
        "values": [one.value for one in identifiers],
        "organizations": [key.organization_id for key in keys],
        "ids": [key.id for key in keys],
        "limit": room,
    }
    return tuple(PatientKey(*row) for row in connection.execute(QUERIES["apart"], values))


def _patients(
    connection: psycopg.Connection, keys: Sequence[PatientKey]
) -> tuple[tuple[Patient, ...], tuple[UUID, ...], dict[PatientKey, Link]]:
    """The rows of these patients in the order of the keys, an id for each should they be new, and their links."""
    values = {"organizations": [key.organization_id for key in keys], "ids": [key.id for key in keys]}
    wanted: list[Patient] = []
    fresh: list[UUID] = []
    linked: dict[PatientKey, Link] = {}
    for new_person, person_id, decision, reason, *row in connection.execute(QUERIES["patients"], values):
        patient = _patient(*row)
        wanted.append(patient)
        fresh.append(new_person)
        if person_id is not None:
            linked[patient.key] = Link(person_id, decision, reason)
    return tuple(wanted), tuple(fresh), linked


def _owners_of(
    connection: psycopg.Connection, identifiers: set[Identifier], persons: set[UUID]
) -> dict[Identifier, UUID]:
    ordered = sorted(identifiers)
    values = {
        "kinds": [one.kind for one in ordered],
        "values": [one.value for one in ordered],
        "persons": sorted(persons),
    }
    rows = connection.execute(QUERIES["owners"], values)
    return {Identifier(Kind(kind), value): person for kind, value, person in rows}


def _patient(organization_id: int, id: UUID, *rest: Any) -> Patient:
    return Patient(PatientKey(organization_id, id), *rest)
