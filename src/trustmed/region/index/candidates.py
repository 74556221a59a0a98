"""Who may be the same person: rows that share a blocking key, with everybody else of their persons.

What hundreds of persons have (a clinic's own telephone, a made-up document number) tells nobody apart: such a value is
ignored in comparing, and nobody is found by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.matching.decide import Candidate
from trustmed.matching.keys import KeyKind, kind_bits
from trustmed.matching.profile import unpack
from trustmed.matching.vocabulary import Field
from trustmed.region.index.model import Member, PatientKey

QUERIES = load(__package__)
MOST_BY_IDENTIFIER = 100
MOST_BY_KEY = 500
SHARED_BY = 6  # persons: a mother and her children are often under one number
IDENTIFYING: dict[int, Field] = {
    KeyKind.SNILS: Field.SNILS,
    KeyKind.ENP: Field.ENP,
    KeyKind.DOCUMENT: Field.DOCUMENT,
    KeyKind.PHONE: Field.PHONE,
    KeyKind.ADDRESS_GIVEN: Field.ADDRESS,
}


class Probes(msgspec.Struct, frozen=True):
    """What to look for, each key once, with how many rows at most."""

    keys: tuple[int, ...]

    @classmethod
    def of(cls, keys: Iterable[int]) -> "Probes":
        return cls(tuple(dict.fromkeys(keys)))

    def parameters(self) -> dict[str, object]:
        return {"probes": array_literal(self.keys), "limits": array_literal(map(_most, self.keys))}


class Found:
    """The rows found by some probes, and the persons' revisions they were read at."""

    def __init__(
        self, members: dict[PatientKey, Member], by_key: dict[int, set[PatientKey]], revisions: dict[UUID, int]
    ):
        self.members = members
        self.revisions = revisions
        self._by_key = by_key
        self._of_person: dict[UUID, list[PatientKey]] = defaultdict(list)
        self._put: set[int] = set()
        for key, member in members.items():
            self._of_person[member.person_id].append(key)

    def add(self, other: "Found") -> "Found":
        """Both; what `other` says of a row is taken."""
        by_key = {key: set(rows) for key, rows in self._by_key.items()}
        for key, rows in other._by_key.items():
            by_key.setdefault(key, set()).update(rows)
        return Found(self.members | other.members, by_key, self.revisions | other.revisions)

    def put(self, member: Member, keys: Iterable[int]) -> None:
        """A row that has just been linked, so that the next of the same batch finds it."""
        before = self.members.get(member.key)
        if before is not None:
            self._of_person[before.person_id].remove(member.key)
        self.members[member.key] = member
        self._of_person[member.person_id].append(member.key)
        for key in keys:
            self._by_key.setdefault(key, set()).add(member.key)
        self._put.update(keys)

    def put_under(self, probes: Iterable[int]) -> bool:
        """Whether a row that `put` brought is found by one of the keys."""
        return not self._put.isdisjoint(probes)

    def of_person(self, person: UUID) -> list[Member]:
        return [self.members[key] for key in self._of_person.get(person, ())]

    def candidates(self, probes: Sequence[int], but: PatientKey | None = None) -> list[Candidate]:
        """Every row of every person that shares one of the keys, without the row itself."""
        ignored = self._shared(probes, but)
        persons = {
            self.members[row].person_id
            for key in probes
            if IDENTIFYING.get(kind_bits(key)) not in ignored
            for row in self._by_key.get(key, ())
            if row != but
        }
        return [
            Candidate(person, member.key, member.profile, ignored)
            for person in sorted(persons)
            for member in self.of_person(person)
            if member.key != but
        ]

    def _shared(self, probes: Sequence[int], but: PatientKey | None) -> frozenset[Field]:
        shared: set[Field] = set()
        for key in probes:
            field = IDENTIFYING.get(kind_bits(key))
            rows = self._by_key.get(key, ())
            if field is None or len(rows) <= SHARED_BY:
                continue
            if len({self.members[row].person_id for row in rows if row != but}) > SHARED_BY:
                shared.add(field)
        return frozenset(shared)


def find_rows(connection: psycopg.Connection, keys: Iterable[int]) -> Found:
    """Return the rows that share one of the keys, with everybody else of their persons."""
    probes = Probes.of(keys)
    return found_of(probes, connection.execute(QUERIES["candidates"], probes.parameters()))


async def find_rows_async(connection: AsyncConnection, keys: Iterable[int]) -> Found:
    """The same by a connection of the web's."""
    probes = Probes.of(keys)
    rows = await connection.execute(QUERIES["candidates"], probes.parameters())
    return found_of(probes, await rows.fetchall())


def found_of(probes: Probes, rows: Iterable[tuple[Any, ...]]) -> Found:
    """What query `candidates` answered to these probes."""
    members: dict[PatientKey, Member] = {}
    by_key: dict[int, set[PatientKey]] = {}
    revisions: dict[UUID, int] = {}
    for organization_id, patient_id, person_id, decision, content, places, revision in rows:
        key = PatientKey(organization_id, patient_id)
        if places is None:
            members[key] = Member(key, person_id, decision, unpack(content))
            revisions[person_id] = revision
        else:
            for place in places:
                by_key.setdefault(probes.keys[place - 1], set()).add(key)
    # A person of hundreds of rows is read in part: a row that was found and not read is left out.
    return Found(members, {key: rows & members.keys() for key, rows in by_key.items()}, revisions)


def _most(key: int) -> int:
    return MOST_BY_IDENTIFIER if kind_bits(key) in IDENTIFYING else MOST_BY_KEY
