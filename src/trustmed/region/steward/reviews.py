"""The queue of questions, and answering them. Within a transaction of `open_index`."""

import datetime as dt
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, kwargs_row

from trustmed.db.queries import load
from trustmed.region.index.model import PatientKey, arrays
from trustmed.region.steward.acts import merge, not_same, reason_of
from trustmed.region.steward.errors import AlreadyAnswered, NoPatients, ReviewUnknown, StillTwo
from trustmed.region.steward.model import Act, Author, QueueCount, Review

QUERIES = load(__package__)
PAGE = 50


async def queue(
    connection: AsyncConnection,
    *,
    priority: int | None = None,
    organization_id: int | None = None,
    after: Review | None = None,
    limit: int = PAGE,
) -> list[Review]:
    """Open questions, the most pressing first; postponed ones when their day has come.

    `organization_id`: those with a patient of that organisation.
    """
    values = {
        "priority": priority,
        "organization_id": organization_id,
        "after_priority": after.priority if after else 0,
        "after_weight": after.weight if after else 0.0,
        "after_id": after.id if after else UUID(int=0),
        "limit": limit,
    }
    return await _reviews(connection, "queue", values)


async def postponed(
    connection: AsyncConnection, *, organization_id: int | None = None, limit: int = PAGE
) -> list[Review]:
    """Questions put off, the soonest to come back first."""
    values = {"organization_id": organization_id, "limit": limit}
    return await _reviews(connection, "queue_postponed", values)


async def counts(connection: AsyncConnection) -> list[QueueCount]:
    """How much there is to decide, by priority."""
    async with connection.cursor(row_factory=class_row(QueueCount)) as rows:
        await rows.execute(QUERIES["queue_counts"])
        return await rows.fetchall()


async def review(connection: AsyncConnection, review_id: UUID) -> Review:
    """One question, answered or not. Raises ReviewUnknown."""
    for found in await _reviews(connection, "review", {"id": review_id}):
        return found
    raise ReviewUnknown(review_id)


async def of_person(connection: AsyncConnection, person_id: UUID, limit: int = PAGE) -> list[Review]:
    """The open questions about a person, the most pressing first."""
    values = {"person_id": person_id, "limit": limit}
    return await _reviews(connection, "reviews_of_person", values)


async def persons_of(connection: AsyncConnection, *asked: Review) -> list[tuple[UUID, UUID]]:
    """Who the two patients of each question are now. Raises NoPatients."""
    keys = [key for one in asked for key in (one.patient, one.other)]
    rows = await (await connection.execute(QUERIES["persons_of_patients"], arrays(keys))).fetchall()
    found = {PatientKey(organization_id, patient_id): person for organization_id, patient_id, person in rows}
    for key in keys:
        if key not in found:
            raise NoPatients(key.id)
    return [(found[one.patient], found[one.other]) for one in asked]


async def answer_same(
    connection: AsyncConnection, author: Author, review_id: UUID, reason: str, keep: UUID | None = None
) -> Act:
    """One person: `keep` remains, or the earlier one. Raises AlreadyAnswered, ReviewUnknown and what `merge` does."""
    asked = await _hold(connection, review_id)
    (pair,) = await persons_of(connection, asked)
    earlier, later = sorted(pair)
    kept, gone = (later, earlier) if keep == later else (earlier, later)
    return await merge(connection, author, kept, gone, reason)


async def answer_not_same(connection: AsyncConnection, author: Author, review_id: UUID, reason: str) -> Act:
    """Two persons, remembered. Raises AlreadyAnswered, ReviewUnknown and what `not_same` does."""
    asked = await _hold(connection, review_id)
    ((person, other),) = await persons_of(connection, asked)
    return await not_same(connection, author, person, other, reason)


async def withdraw(connection: AsyncConnection, author: Author, review_id: UUID, reason: str) -> None:
    """Nothing to decide: both are one person by now. Raises AlreadyAnswered, ReviewUnknown, StillTwo, ReasonMissing."""
    reason = reason_of(reason)
    asked = await _hold(connection, review_id)
    ((one, other),) = await persons_of(connection, asked)
    if one != other:
        raise StillTwo
    values = {"id": review_id, "outcome": "moot", "author": author.login, "reason": reason}
    await connection.execute(QUERIES["answer_review"], values)


async def postpone(connection: AsyncConnection, review_id: UUID, until: dt.datetime) -> None:
    """Put off. Raises AlreadyAnswered."""
    values = {"id": review_id, "until": until}
    if await (await connection.execute(QUERIES["postpone_review"], values)).fetchone() is None:
        raise AlreadyAnswered


async def _hold(connection: AsyncConnection, review_id: UUID) -> Review:
    if await (await connection.execute(QUERIES["hold_review"], {"id": review_id})).fetchone() is None:
        await review(connection, review_id)
        raise AlreadyAnswered
    return await review(connection, review_id)


async def _reviews(connection: AsyncConnection, query: str, values: dict[str, Any]) -> list[Review]:
    async with connection.cursor(row_factory=kwargs_row(_review)) as rows:
        await rows.execute(QUERIES[query], values)
        return await rows.fetchall()


def _review(
    *, organization_id: int, patient_id: UUID, other_organization_id: int, other_patient_id: UUID, **rest: Any
) -> Review:
    patient, other = PatientKey(organization_id, patient_id), PatientKey(other_organization_id, other_patient_id)
    return Review(patient=patient, other=other, **rest)
