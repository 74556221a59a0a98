"""A steward's acts: merge, split, not the same, undo. Each within a transaction of `open_index`.

A patient's row is never touched: an act moves links and keeps how they were, so that undoing it brings back exactly
that, whatever came since. Links that an act made or confirmed are manual: the matcher leaves them alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

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
from trustmed.region.steward.history import find_kept_apart
from trustmed.region.steward.model import Act, ActKind, Author

QUERIES = load(__package__)
MOST_EACH = 20  # rows of each person that a memory of "not the same" names


async def merge(connection: AsyncConnection, author: Author, keep: UUID, other: UUID, reason: str) -> Act:
    """`other` becomes `keep`. Raises SamePerson, PersonUnknown, PersonMerged, KeptApart, NoPatients, ReasonMissing."""
    reason = reason_of(reason)
    if keep == other:
        raise SamePerson
    await _hold(connection, keep, other)
    await _not_kept_apart(connection, keep, other)
    mine, theirs = await _patients(connection, keep), await _patients(connection, other)
    act = await _begin(connection, "merge", keep, other, author, reason)
    await _link(connection, act, "merged", [(key, keep) for key in (*mine, *theirs)])
    await connection.execute(QUERIES["merge_person"], {"person_id": other, "into": keep})
    await _close_between(connection, act, mine, theirs, "same")
    return act


async def split(
    connection: AsyncConnection, author: Author, person: UUID, leaving: Sequence[PatientKey], reason: str
) -> Act:
    """These patients are another person, who is new. Raises SplitWrong, PersonUnknown, PersonMerged, ReasonMissing."""
    reason = reason_of(reason)
    await _hold(connection, person)
    patients = await _patients(connection, person)
    gone = [key for key in patients if key in set(leaving)]
    staying = [key for key in patients if key not in set(leaving)]
    if not gone or not staying or len(gone) != len(set(leaving)):
        raise SplitWrong
    other = await _one(connection, "new_person", {})
    act = await _begin(connection, "split", person, other, author, reason)
    await _link(connection, act, "split", [*((key, other) for key in gone), *((key, person) for key in staying)])
    await _keep_apart(connection, act, gone, staying)
    await _close_between(connection, act, gone, staying, "not_same")
    return act


async def not_same(connection: AsyncConnection, author: Author, person: UUID, other: UUID, reason: str) -> Act:
    """These are two; remembered. Raises SamePerson, PersonUnknown, PersonMerged, NoPatients, ReasonMissing."""
    reason = reason_of(reason)
    if person == other:
        raise SamePerson
    await _hold(connection, person, other)
    mine, theirs = await _patients(connection, person), await _patients(connection, other)
    act = await _begin(connection, "not_same", person, other, author, reason)
    await _keep_apart(connection, act, mine, theirs)
    await _close_between(connection, act, mine, theirs, "not_same")
    for who, whose in ((person, mine[0]), (other, theirs[0])):
        await _note(connection, act, "kept_apart", who, whose, author, reason)
    return act


async def undo(connection: AsyncConnection, author: Author, act_id: UUID, reason: str) -> Act:
    """Everything as it was before the act, the questions it answered too; who came since is matched anew.

    Raises ActUnknown, ActUndone, LaterActs, ReasonMissing.
    """
    reason = reason_of(reason)
    act = await _act(connection, "hold_act", act_id)
    if act.undone_at is not None:
        raise ActUndone
    later = await (await connection.execute(QUERIES["later_acts"], {"act_id": act_id})).fetchall()
    if later:
        raise LaterActs([row[0] for row in later])
    persons = [act.person_id, act.other_person_id]
    await connection.execute(QUERIES["hold_persons"], {"persons": persons})
    values = {"act_id": act_id, "persons": persons, "since": act.at}
    newcomers = [PatientKey(*row) for row in await _rows(connection, "newcomers", values)]
    links = await _rows(connection, "act_links", {"act_id": act_id})
    await connection.execute(QUERIES["link_back"], {"act_id": act_id})
    await connection.execute(QUERIES["let_together"], {"act_id": act_id})
    if act.kind == "merge":
        await connection.execute(QUERIES["unmerge_person"], {"person_id": act.other_person_id, "into": act.person_id})
    elif act.kind == "split" and not any(True for _ in await _linked(connection, act.other_person_id)):
        await connection.execute(QUERIES["merge_person"], {"person_id": act.other_person_id, "into": act.person_id})
    done = {"act_id": act_id, "author": author.login, "reason": reason}
    await connection.execute(QUERIES["undo_act"], done)
    await connection.execute(QUERIES["ask_again"], {"act_id": act_id})
    await connection.execute(QUERIES["revise_persons"], {"persons": persons})
    for organization_id, patient_id, before, _, _, after in links:
        note = (before, PatientKey(organization_id, patient_id))
        await _note(connection, act, "undone", *note, author, reason, former=after)
    if act.kind == "not_same":
        newcomers += [key for person in persons for key in await _linked(connection, person)]
        for person in persons:
            await _note(connection, act, "let_together", person, None, author, reason)
    await _rematch(connection, newcomers)
    return await _act(connection, "act", act_id)


def reason_of(given: str) -> str:
    """A reason as it is kept. Raises ReasonMissing."""
    reason = " ".join(given.split())
    if not 3 <= len(reason) <= 1000 or "\x00" in reason:
        raise ReasonMissing
    return reason


async def _hold(connection: AsyncConnection, *persons: UUID) -> None:
    rows = await _rows(connection, "hold_persons", {"persons": sorted(persons)})
    merged = {person: into for person, _, into in rows}
    for person in persons:
        if person not in merged:
            raise PersonUnknown(person)
        into = merged[person]
        if into is not None:
            raise PersonMerged(person, into)


async def _not_kept_apart(connection: AsyncConnection, person: UUID, other: UUID) -> None:
    for known in await find_kept_apart(connection, person):
        if known.person_id == other:
            raise KeptApart(known.act_id)


async def _patients(connection: AsyncConnection, person: UUID) -> list[PatientKey]:
    found = await _linked(connection, person)
    if not found:
        raise NoPatients(person)
    return found


async def _linked(connection: AsyncConnection, person: UUID) -> list[PatientKey]:
    return [PatientKey(*row) for row in await _rows(connection, "linked", {"person_id": person})]


async def _begin(
    connection: AsyncConnection, kind: ActKind, person: UUID, other: UUID, author: Author, reason: str
) -> Act:
    values = {"kind": kind, "person_id": person, "other_person_id": other, "reason": reason}
    act_id = await _one(connection, "new_act", {**values, "author": author.login, "author_name": author.name})
    await connection.execute(QUERIES["revise_persons"], {"persons": [person, other]})
    return await _act(connection, "act", act_id)


async def _link(connection: AsyncConnection, act: Act, kind: str, after: Sequence[tuple[PatientKey, UUID]]) -> None:
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


async def _note(
    connection: AsyncConnection,
    act: Act,
    kind: str,
    person: UUID,
    patient: PatientKey | None,
    author: Author,
    reason: str,
    former: UUID | None = None,
) -> None:
    values = {
        "kind": kind,
        "person_id": person,
        "former_person_id": None if former == person else former,
        "organization_id": patient.organization_id if patient else None,
        "patient_id": patient.id if patient else None,
        "author": author.login,
        "author_name": author.name,
        "reason": reason,
        "act_id": act.id,
    }
    await connection.execute(QUERIES["note"], values)


async def _rematch(connection: AsyncConnection, patients: Sequence[PatientKey]) -> None:
    if patients:
        await connection.execute(QUERIES["rematch"], arrays(list(dict.fromkeys(patients))))


async def _act(connection: AsyncConnection, query: str, act_id: UUID) -> Act:
    async with connection.cursor(row_factory=class_row(Act)) as cursor:
        await cursor.execute(QUERIES[query], {"id": act_id})
        found = await cursor.fetchone()
    if found is None:
        raise ActUnknown(act_id)
    return found


async def _rows(connection: AsyncConnection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    return await (await connection.execute(QUERIES[query], values)).fetchall()


async def _one(connection: AsyncConnection, query: str, values: dict[str, Any]) -> UUID:
    ((found,),) = await _rows(connection, query, values)
    return found
