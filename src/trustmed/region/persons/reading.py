"""Read persons by id (merges are followed), by identifier or by likeness, within a transaction of `open_index`."""

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
from trustmed.region.persons.golden import Pin, Source, golden_record
from trustmed.region.persons.model import Person
from trustmed.region.persons.patients import find_patients_of_persons

QUERIES = load(__package__)
MOST_STEPS = 100  # merges followed: stops at a ring of merges, should there ever be one


class Identifiers(msgspec.Struct, frozen=True):
    """The numbers a person is looked for by, without spaces. `series` narrows `identity`."""

    snils: str | None = None
    enp: str | None = None
    identity: str | None = None
    series: str | None = None


async def find_person(connection: AsyncConnection, person_id: UUID) -> Person:
    """Return the person, or the one they were merged into. Raises PersonUnknown."""
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
    return [
        Person(one, golden_record(given, pins[one]), tuple(given), tuple(pins[one])) for one, given in sources.items()
    ]


async def find_ids(connection: AsyncConnection, identifiers: Identifiers) -> list[UUID]:
    """Return the persons one of whose patients has the identifier: several if other people's cards have it too."""
    for name in ("snils", "enp", "identity"):
        value = getattr(identifiers, name)
        if value:
            values = {"value": value} | ({"series": identifiers.series} if name == "identity" else {})
            rows = await (await connection.execute(QUERIES[f"persons_by_{name}"], values)).fetchall()
            return [person_id for (person_id,) in rows]
    return []


async def match_card(connection: AsyncConnection, model: Model, card: Card) -> Verdict:
    """Return the person the card would be linked to, and others who resemble it. Nothing is written."""
    profile = profile_of(card)
    probes = probes_of(profile)
    found = await find_rows_async(connection, probes)
    verdict = decide(model, profile, found.candidates(probes))
    if verdict.outcome == "linked":
        return verdict
    deep = deep_probes_of(profile)
    found = found.combined_with(await find_rows_async(connection, deep))
    return decide(model, profile, found.candidates((*probes, *deep)))


def key_of(proposal: Proposal) -> PatientKey:
    """Return the key of the row by which the person was proposed."""
    return cast(PatientKey, proposal.source)
