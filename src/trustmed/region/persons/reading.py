"""Reading persons: by id (merges followed), by identifier, by likeness. Within a transaction of `open_index`."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from trustmed.db.queries import load
from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal, Verdict, decide
from trustmed.matching.keys import deep_probes_of, probes_of
from trustmed.matching.model import Model
from trustmed.matching.profile import profile_of
from trustmed.region.index.candidates import find_rows_async
from trustmed.region.index.model import PatientKey
from trustmed.region.persons.errors import PersonUnknown
from trustmed.region.persons.golden import Pin, Source, golden
from trustmed.region.persons.model import Person
from trustmed.region.persons.patients import find_patients_of_persons

QUERIES = load(__package__)
MOST_STEPS = 100  # merges followed: a ring, which must not be, ends there


class Identifiers(msgspec.Struct, frozen=True):
    """What a person is looked for by; digits alone. `series` narrows `identity`."""

    snils: str | None = None
    enp: str | None = None
    identity: str | None = None
    series: str | None = None


async def find_person(connection: AsyncConnection, person_id: UUID) -> Person:
    """Return the person, or whom they were merged into. Raises PersonUnknown."""
    current = person_id
    for _ in range(MOST_STEPS):
        row = await (await connection.execute(QUERIES["merged_into"], {"person_id": current})).fetchone()
        if row is None:
            raise PersonUnknown(current)
        (into,) = row
        if into is None:
            break
        current = into
    (found,) = await find_persons(connection, [current])
    merged = await (await connection.execute(QUERIES["merged_persons"], {"person_id": current})).fetchall()
    return msgspec.structs.replace(
        found, merged=tuple(one for (one,) in merged), asked_for=person_id if person_id != current else None
    )


async def find_persons(connection: AsyncConnection, wanted: Iterable[UUID]) -> list[Person]:
    """Return these persons, in this order; none of them may have been merged."""
    sources: dict[UUID, list[Source]] = {one: [] for one in wanted}
    for one in await find_patients_of_persons(connection, sources):
        sources[one.person_id].append(one.source)
    pins: dict[UUID, list[Pin]] = {one: [] for one in sources}
    async with connection.cursor(row_factory=dict_row) as rows:
        await rows.execute(QUERIES["pins"], {"persons": list(sources)})
        for row in await rows.fetchall():
            pins[row.pop("person_id")].append(Pin(**row))
    return [Person(one, golden(given, pins[one]), tuple(given), tuple(pins[one])) for one, given in sources.items()]


async def find_ids(connection: AsyncConnection, identifiers: Identifiers) -> list[UUID]:
    """Return persons one of whose patients has the identifier: several, where others' cards have the number as well."""
    for name in ("snils", "enp", "identity"):
        value = getattr(identifiers, name)
        if value:
            values = {"value": value} | ({"series": identifiers.series} if name == "identity" else {})
            rows = await (await connection.execute(QUERIES[f"persons_by_{name}"], values)).fetchall()
            return [person_id for (person_id,) in rows]
    return []


async def match_card(connection: AsyncConnection, model: Model, card: Card) -> Verdict:
    """Return whom the card would be linked to, and who else is like it. Nothing is written."""
    profile = profile_of(card)
    probes = probes_of(profile)
    found = await find_rows_async(connection, probes)
    verdict = decide(model, profile, found.candidates(probes))
    if verdict.outcome == "linked":
        return verdict
    deep = deep_probes_of(profile)
    found = found.add(await find_rows_async(connection, deep))
    return decide(model, profile, found.candidates((*probes, *deep)))


def key_of(proposal: Proposal) -> PatientKey:
    """The row most alike."""
    return cast(PatientKey, proposal.source)
