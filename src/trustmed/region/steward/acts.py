"""Carry out a steward's acts, each within a transaction of `open_index`: merge, split, not the same, undo.

An act never touches a patient's row. It moves links and stores how they were, so that undoing it restores exactly that,
whatever has happened since. Links that an act made or confirmed are manual: the matcher leaves them alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from trustmed.db.async_rows import find_struct
from trustmed.db.queries import load
from trustmed.region.index.decision import ordered_pair
from trustmed.region.index.model import PatientKey, arrays
from trustmed.region.persons.errors import PersonUnknown
from trustmed.region.steward.errors import (
    ActUndone,
    ActUnknown,
    KeptApart,
    LaterActs,
    NoPatients,
    PersonMerged,
    ReasonMissing,
    SamePerson,
    SplitWrong,
)
from trustmed.region.steward.history import find_kept_apart, write_history
from trustmed.region.steward.model import Act, ActKind, Author

QUERIES = load(__package__)
SHORTEST_REASON = 3
LONGEST_REASON = 1000
MOST_EACH = 20  # rows of each person whose pairs are stored as "not the same"


async def merge(connection: AsyncConnection, author: Author, keep: UUID, other: UUID, reason: str) -> Act:
    """Merge `other` into `keep`.

    Raises SamePerson, PersonUnknown, PersonMerged, KeptApart, NoPatients, ReasonMissing.
    """
    reason = reason_of(reason)
    if keep == other:
        raise SamePerson
    await _hold_persons(connection, keep, other)
    await _check_not_kept_apart(connection, keep, other)
    mine, theirs = await _patients(connection, keep), await _patients(connection, other)
    act = await _insert_act(connection, "merge", keep, other, author, reason)
    await _move_links(connection, act, "merged", [(key, keep) for key in (*mine, *theirs)])
    await connection.execute(QUERIES["merge_person"], {"person_id": other, "into": keep})
    await _close_between(connection, act, mine, theirs, "same")
    return act


async def split(
    connection: AsyncConnection, author: Author, person: UUID, leaving: Sequence[PatientKey], reason: str
) -> Act:
    """Make the `leaving` patients a new person. Raises SplitWrong, PersonUnknown, PersonMerged, ReasonMissing."""
    reason = reason_of(reason)
    await _hold_persons(connection, person)
    patients = await _patients(connection, person)
    wanted = set(leaving)
    gone = [key for key in patients if key in wanted]
    staying = [key for key in patients if key not in wanted]
    if not gone or not staying or len(gone) != len(wanted):
        raise SplitWrong
    other = await _one(connection, "new_person", {})
    act = await _insert_act(connection, "split", person, other, author, reason)
    await _move_links(connection, act, "split", [*((key, other) for key in gone), *((key, person) for key in staying)])
    await _keep_apart(connection, act, gone, staying)
    await _close_between(connection, act, gone, staying, "not_same")
    return act


async def record_not_same(connection: AsyncConnection, author: Author, person: UUID, other: UUID, reason: str) -> Act:
    """Record that these are two persons. Raises SamePerson, PersonUnknown, PersonMerged, NoPatients, ReasonMissing."""
    reason = reason_of(reason)
    if person == other:
        raise SamePerson
    await _hold_persons(connection, person, other)
    mine, theirs = await _patients(connection, person), await _patients(connection, other)
    act = await _insert_act(connection, "not_same", person, other, author, reason)
    await _keep_apart(connection, act, mine, theirs)
    await _close_between(connection, act, mine, theirs, "not_same")
    for who, whose in ((person, mine[0]), (other, theirs[0])):
        await write_history(connection, "kept_apart", who, author, reason, act=act, patient=whose)
    return act


async def undo(connection: AsyncConnection, author: Author, act_id: UUID, reason: str) -> Act:
    """Restore links and questions as they were before the act; patients linked since are matched anew.

    Raises ActUnknown, ActUndone, LaterActs, ReasonMissing.
    """
    reason = reason_of(reason)
    act = await _act(connection, "hold_act", act_id)
    if act.undone_at is not None:
        raise ActUndone
    later = await _rows(connection, "later_acts", {"act_id": act_id})
    if later:
        raise LaterActs([row.id for row in later])
    persons = [act.person_id, act.other_person_id]
    await connection.execute(QUERIES["hold_persons"], {"persons": persons})
    values = {"act_id": act_id, "persons": persons, "since": act.at}
    newcomers = [
        PatientKey(row.organization_id, row.patient_id) for row in await _rows(connection, "newcomers", values)
    ]
    links = await _rows(connection, "act_links", {"act_id": act_id})
    await connection.execute(QUERIES["link_back"], {"act_id": act_id})
    await connection.execute(QUERIES["let_together"], {"act_id": act_id})
    if act.kind == "merge":
        await connection.execute(QUERIES["unmerge_person"], {"person_id": act.other_person_id, "into": act.person_id})
    elif act.kind == "split" and not await _linked(connection, act.other_person_id):
        await connection.execute(QUERIES["merge_person"], {"person_id": act.other_person_id, "into": act.person_id})
    done = {"act_id": act_id, "author": author.login, "reason": reason}
    await connection.execute(QUERIES["undo_act"], done)
    await connection.execute(QUERIES["ask_again"], {"act_id": act_id})
    await connection.execute(QUERIES["revise_persons"], {"persons": persons})
    for link in links:
        patient = PatientKey(link.organization_id, link.patient_id)
        former = None if link.person_after == link.person_before else link.person_after
        await write_history(
            connection, "undone", link.person_before, author, reason, act=act, patient=patient, former=former
        )
    if act.kind == "not_same":
        newcomers += [key for person in persons for key in await _linked(connection, person)]
        for person in persons:
            await write_history(connection, "let_together", person, author, reason, act=act)
    await _ask_to_rematch(connection, newcomers)
    return await _act(connection, "act", act_id)


def reason_of(given: str) -> str:
    """Return the reason as it is stored. Raises ReasonMissing."""
    reason = " ".join(given.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON or "\x00" in reason:
        raise ReasonMissing
    return reason


async def _hold_persons(connection: AsyncConnection, *persons: UUID) -> None:
    """Lock the persons and check that they exist and are not merged. Raises PersonUnknown, PersonMerged."""
    rows = await _rows(connection, "hold_persons", {"persons": sorted(persons)})
    merged = {row.id: row.merged_into for row in rows}
    for person in persons:
        if person not in merged:
            raise PersonUnknown(person)
        into = merged[person]
        if into is not None:
            raise PersonMerged(person, into)


async def _check_not_kept_apart(connection: AsyncConnection, person: UUID, other: UUID) -> None:
    for known in await find_kept_apart(connection, person):
        if known.person_id == other:
            raise KeptApart(known.act_id)


async def _patients(connection: AsyncConnection, person: UUID) -> list[PatientKey]:
    found = await _linked(connection, person)
    if not found:
        raise NoPatients(person)
    return found


async def _linked(connection: AsyncConnection, person: UUID) -> list[PatientKey]:
    rows = await _rows(connection, "linked", {"person_id": person})
    return [PatientKey(row.organization_id, row.patient_id) for row in rows]


async def _insert_act(
    connection: AsyncConnection, kind: ActKind, person: UUID, other: UUID, author: Author, reason: str
) -> Act:
    values = {"kind": kind, "person_id": person, "other_person_id": other, "reason": reason}
    act_id = await _one(connection, "new_act", {**values, "author": author.login, "author_name": author.name})
    await connection.execute(QUERIES["revise_persons"], {"persons": [person, other]})
    return await _act(connection, "act", act_id)


async def _move_links(
    connection: AsyncConnection, act: Act, kind: str, after: Sequence[tuple[PatientKey, UUID]]
) -> None:
    """Link each patient to its person by hand; store how the links were, for undoing the act."""
    keys = [key for key, _ in after]
    values = {**arrays(keys), "after": [person for _, person in after], "act_id": act.id, "reason": act.reason}
    await connection.execute(QUERIES["keep_links"], values)
    await connection.execute(QUERIES["link_by_hand"], values)
    note = {"kind": kind, "act_id": act.id, "author": act.author, "author_name": act.author_name}
    await connection.execute(QUERIES["note_act"], {**note, "reason": act.reason})


async def _keep_apart(
    connection: AsyncConnection, act: Act, those: Sequence[PatientKey], others: Sequence[PatientKey]
) -> None:
    pairs = [ordered_pair(one, other) for one in those[:MOST_EACH] for other in others[:MOST_EACH]]
    await connection.execute(
        QUERIES["keep_apart"],
        {
            "act_id": act.id,
            **arrays([first for first, _ in pairs]),
            **arrays([second for _, second in pairs], "other_"),
        },
    )


async def _close_between(
    connection: AsyncConnection, act: Act, those: Sequence[PatientKey], others: Sequence[PatientKey], outcome: str
) -> None:
    values = {"outcome": outcome, "author": act.author, "reason": act.reason, "act_id": act.id}
    await connection.execute(QUERIES["close_between"], {**values, **arrays(those), **arrays(others, "other_")})


async def _ask_to_rematch(connection: AsyncConnection, patients: Sequence[PatientKey]) -> None:
    if patients:
        await connection.execute(QUERIES["rematch"], arrays(list(dict.fromkeys(patients))))


async def _act(connection: AsyncConnection, query: str, act_id: UUID) -> Act:
    found = await find_struct(connection, Act, QUERIES[query], {"id": act_id})
    if found is None:
        raise ActUnknown(act_id)
    return found


async def _rows(connection: AsyncConnection, query: str, values: dict[str, Any]) -> list[Any]:
    """Return the rows of a query; their columns are attributes."""
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(QUERIES[query], values)
        return await cursor.fetchall()


async def _one(connection: AsyncConnection, query: str, values: dict[str, Any]) -> UUID:
    ((found,),) = await _rows(connection, query, values)
    return found
