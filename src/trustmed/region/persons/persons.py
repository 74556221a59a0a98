"""Finding and reading persons: by id (merges followed), by identifier, by likeness. Within `work.working`."""

import datetime as dt
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal, Verdict, decide
from trustmed.matching.keys import deep_probes_of, probes_of
from trustmed.matching.model import Model
from trustmed.matching.profile import profile_of
from trustmed.region.index.candidates import Found, Probes, found_of
from trustmed.region.index.model import PatientKey
from trustmed.region.index.weights import for_persons
from trustmed.region.persons.golden import FIELDS, Pin, Source, golden, tells
from trustmed.region.persons.model import Act, Author, Decision, Person
from trustmed.region.persons.patients import patient_of
from trustmed.region.steward.errors import FieldUnknown, PersonUnknown, ValueWrong

QUERIES = load(__package__)
STEWARD = load("trustmed.region.steward")
INDEX = load("trustmed.region.index")
MOST_STEPS = 100


class Identifiers(msgspec.Struct, frozen=True):
    """What a person is looked for by; digits alone. `series` narrows `identity`."""

    snils: str | None = None
    enp: str | None = None
    identity: str | None = None
    series: str | None = None


async def person(connection: AsyncConnection, person_id: UUID) -> Person:
    """The person, or whom they were merged into. Raises PersonUnknown."""
    current = person_id
    for _ in range(MOST_STEPS):
        row = await (await connection.execute(QUERIES["person"], {"person_id": current})).fetchone()
        if row is None:
            raise PersonUnknown(current)
        if row[3] is None:
            break
        current = row[3]
    (found,) = await persons(connection, [current])
    merged = await (await connection.execute(QUERIES["merged_persons"], {"person_id": current})).fetchall()
    return msgspec.structs.replace(
        found, merged=tuple(row[0] for row in merged), asked_for=person_id if person_id != current else None
    )


async def persons(connection: AsyncConnection, wanted: Sequence[UUID]) -> list[Person]:
    """These persons, in this order, none of them merged."""
    by_person: dict[UUID, list[Source]] = {one: [] for one in wanted}
    rows = await (await connection.execute(QUERIES["sources"], {"persons": list(by_person)})).fetchall()
    for one in map(patient_of, rows):
        by_person[one.person_id].append(one.source)
    pins: dict[UUID, list[Pin]] = {one: [] for one in by_person}
    for person_id, *pin in await (await connection.execute(QUERIES["pins"], {"persons": list(by_person)})).fetchall():
        pins[person_id].append(Pin(*pin))
    return [
        Person(one, golden(sources, pins[one]), tuple(sources), tuple(pins[one])) for one, sources in by_person.items()
    ]


async def persons_by(connection: AsyncConnection, identifiers: Identifiers) -> list[UUID]:
    """Persons one of whose patients has the identifier: several, where a number stands in others' cards as well."""
    for name in ("snils", "enp", "identity"):
        value = getattr(identifiers, name)
        if value:
            values = {"value": value} | ({"series": identifiers.series} if name == "identity" else {})
            rows = await (await connection.execute(QUERIES[f"persons_by_{name}"], values)).fetchall()
            return [row[0] for row in rows]
    return []


async def match(connection: AsyncConnection, model: Model, card: Card) -> Verdict:
    """Whom the card would be linked to, and who else is like it. Nothing is written."""
    profile = profile_of(card)
    probes = probes_of(profile)
    found = await _found(connection, probes)
    verdict = decide(model, profile, found.candidates(probes))
    if verdict.outcome == "linked":
        return verdict
    deep = deep_probes_of(profile)
    found = found.add(await _found(connection, deep))
    return decide(model, profile, found.candidates((*probes, *deep)))


def key_of(proposal: Proposal) -> PatientKey:
    """The row most alike."""
    return cast(PatientKey, proposal.source)


async def model_in_force(connection: AsyncConnection) -> Model:
    """The weights the index decides by. Raises ModelBroken."""
    row = await (await connection.execute(INDEX["about_how_many"])).fetchone()
    return for_persons(row[0] if row else 0)


async def pin(connection: AsyncConnection, author: Author, person_id: UUID, field: str, value: str, why: str) -> None:
    """Fix a field of the golden record. `why` is a reason as `acts.reason_of` gives it.

    Raises FieldUnknown, ValueWrong.
    """
    if field not in FIELDS:
        raise FieldUnknown(field)
    value = " ".join(value.split())
    if not _may_be(field, value):
        raise ValueWrong(field)
    values = {"person_id": person_id, "field": field, "value": value, "author": author.login}
    await connection.execute(QUERIES["pin"], {**values, "author_name": author.name, "reason": why})
    await _note(connection, "pinned", person_id, author, f"{field} = {value}: {why}")


async def unpin(connection: AsyncConnection, author: Author, person_id: UUID, field: str, why: str) -> None:
    """Let the rows decide again. Raises FieldUnknown if the field is not fixed."""
    row = await (await connection.execute(QUERIES["unpin"], {"person_id": person_id, "field": field})).fetchone()
    if row is None:
        raise FieldUnknown(field)
    await _note(connection, "unpinned", person_id, author, f"{field}: {why}")


async def history(connection: AsyncConnection, person_id: UUID, limit: int = 200) -> list[Decision]:
    """What was decided about the person, the newest first."""
    values = {"person_id": person_id, "limit": limit}
    rows = await (await connection.execute(QUERIES["history"], values)).fetchall()
    return [
        Decision(number, at, kind, PatientKey(organization_id, patient_id) if patient_id else None, *rest)
        for number, at, kind, organization_id, patient_id, *rest in rows
    ]


async def acts_of(connection: AsyncConnection, person_id: UUID) -> list[Act]:
    """Stewards' acts about the person, the newest first."""
    async with connection.cursor(row_factory=class_row(Act)) as cursor:
        await cursor.execute(QUERIES["acts_of_person"], {"person_id": person_id})
        return await cursor.fetchall()


async def kept_apart(connection: AsyncConnection, person_id: UUID) -> list[tuple[UUID, UUID, dt.datetime]]:
    """(person, act, when) of everybody this person was said not to be."""
    return await (await connection.execute(STEWARD["kept_apart"], {"person_id": person_id})).fetchall()


async def _found(connection: AsyncConnection, keys: Sequence[int]) -> Found:
    probes = Probes.of(keys)
    rows = await (await connection.execute(INDEX["candidates"], probes.parameters())).fetchall()
    return found_of(probes, rows)


def _may_be(field: str, value: str) -> bool:
    """Whether a card could hold the value and it would count."""
    if len(value) > 1000 or "\x00" in value or not tells(field, value):
        return False
    if field == "sex":
        return value in ("1", "2")
    if field == "birth_date":
        try:
            return dt.date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return True


async def _note(connection: AsyncConnection, kind: str, person_id: UUID, author: Author, reason: str) -> None:
    values = {"kind": kind, "person_id": person_id, "author": author.login, "author_name": author.name}
    nobody = {"organization_id": None, "patient_id": None, "former_person_id": None, "act_id": None}
    await connection.execute(STEWARD["note"], {**values, **nobody, "reason": reason})
