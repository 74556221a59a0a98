"""Find who may be the same person: rows that share a blocking key, and all other rows of their persons.

A value that many persons share (a clinic's own telephone, a made-up document number) tells nobody apart: it is ignored
in comparing, and nobody is found by it.
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
MOST_SHARING = 6  # persons: a mother and her children often have one number
IDENTIFYING: dict[int, Field] = {
    KeyKind.SNILS: Field.SNILS,
    KeyKind.ENP: Field.ENP,
    KeyKind.DOCUMENT: Field.DOCUMENT,
    KeyKind.PHONE: Field.PHONE,
    KeyKind.ADDRESS_GIVEN: Field.ADDRESS,
}


class Probes(msgspec.Struct, frozen=True):
    """The keys to look for, each once; each has a limit on how many rows it may find."""

    keys: tuple[int, ...]

    @classmethod
    def of(cls, keys: Iterable[int]) -> "Probes":
        return cls(tuple(dict.fromkeys(keys)))

    def parameters(self) -> dict[str, object]:
        return {"probes": array_literal(self.keys), "limits": array_literal(map(_row_limit, self.keys))}


class FoundRows:
    """The rows found by some probes, and the revisions of their persons at that moment."""

    def __init__(
        self, members: dict[PatientKey, Member], by_key: dict[int, set[PatientKey]], revisions: dict[UUID, int]
    ):
        self.members = members
        self.revisions = revisions
        self._by_key = by_key
        self._of_person: dict[UUID, list[PatientKey]] = defaultdict(list)
        self._added: set[int] = set()
        for key, member in members.items():
            self._of_person[member.person_id].append(key)

    def combined_with(self, other: "FoundRows") -> "FoundRows":
        """Return the rows of both; for a row in both, the one in `other`."""
        by_key = {key: set(rows) for key, rows in self._by_key.items()}
        for key, rows in other._by_key.items():
            by_key.setdefault(key, set()).update(rows)
        return FoundRows(self.members | other.members, by_key, self.revisions | other.revisions)

    def add_member(self, member: Member, keys: Iterable[int]) -> None:
        """Add a row that has just been linked, so that later rows of the same batch find it."""
        before = self.members.get(member.key)
        if before is not None:
            self._of_person[before.person_id].remove(member.key)
        self.members[member.key] = member
        self._of_person[member.person_id].append(member.key)
        for key in keys:
            self._by_key.setdefault(key, set()).add(member.key)
        self._added.update(keys)

    def is_addition_found(self, probes: Iterable[int]) -> bool:
        """Return whether one of the keys finds a row added by `add_member`."""
        return not self._added.isdisjoint(probes)

    def of_person(self, person: UUID) -> list[Member]:
        return [self.members[key] for key in self._of_person.get(person, ())]

    def candidates(self, probes: Sequence[int], but: PatientKey | None = None) -> list[Candidate]:
        """Return every row of every person that shares one of the keys, except the row `but` itself."""
        ignored = self._shared_fields(probes, but)
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

    def _shared_fields(self, probes: Sequence[int], but: PatientKey | None) -> frozenset[Field]:
        shared: set[Field] = set()
        for key in probes:
            field = IDENTIFYING.get(kind_bits(key))
            rows = self._by_key.get(key, ())
            if field is None or len(rows) <= MOST_SHARING:
                continue
            if len({self.members[row].person_id for row in rows if row != but}) > MOST_SHARING:
                shared.add(field)
        return frozenset(shared)


def find_rows(connection: psycopg.Connection, keys: Iterable[int]) -> FoundRows:
    """Return the rows that share one of the keys, and all other rows of their persons."""
    probes = Probes.of(keys)
    return collect_rows(probes, connection.execute(QUERIES["candidates"], probes.parameters()))


async def find_rows_async(connection: AsyncConnection, keys: Iterable[int]) -> FoundRows:
    """Do what `find_rows` does, on a connection of the web server."""
    probes = Probes.of(keys)
    rows = await connection.execute(QUERIES["candidates"], probes.parameters())
    return collect_rows(probes, await rows.fetchall())


def collect_rows(probes: Probes, rows: Iterable[tuple[Any, ...]]) -> FoundRows:
    """Collect the rows of query `candidates` for these probes, or of `members`."""
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
    # The query reads 200 rows of a person at most: rows that were found but not read are left out.
    return FoundRows(members, {key: rows & members.keys() for key, rows in by_key.items()}, revisions)


def _row_limit(key: int) -> int:
    return MOST_BY_IDENTIFIER if kind_bits(key) in IDENTIFYING else MOST_BY_KEY
