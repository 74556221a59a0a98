"""Read the queue of questions and answer them, within a transaction of `open_index`."""

import datetime as dt
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.region.index.model import PatientKey, arrays
from trustmed.region.steward.acts import merge, reason_of, record_not_same
from trustmed.region.steward.errors import AlreadyAnswered, NoPatients, ReviewUnknown, StillTwo
from trustmed.region.steward.model import Act, Author, QueueCount, Review

QUERIES = load(__package__)
PAGE = 50


async def find_queue(
    connection: AsyncConnection,
    *,
    priority: int | None = None,
    organization_id: int | None = None,
    after: Review | None = None,
    limit: int = PAGE,
) -> list[Review]:
    """Return open questions, the most urgent first; postponed ones once their day has come.

    `organization_id`: only those with a patient of that organisation.
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


async def find_postponed(
    connection: AsyncConnection, *, organization_id: int | None = None, limit: int = PAGE
) -> list[Review]:
    """Return the questions put off, the soonest to come back first."""
    values = {"organization_id": organization_id, "limit": limit}
    return await _reviews(connection, "queue_postponed", values)


async def queue_counts(connection: AsyncConnection) -> list[QueueCount]:
    """Return how many questions there are, by priority."""
    return await find_structs(connection, QueueCount, QUERIES["queue_counts"])


async def find_review(connection: AsyncConnection, review_id: UUID) -> Review:
    """Return the question, answered or not. Raises ReviewUnknown."""
    for found in await _reviews(connection, "review", {"id": review_id}):
        return found
    raise ReviewUnknown(review_id)


async def find_reviews_of_person(connection: AsyncConnection, person_id: UUID, limit: int = PAGE) -> list[Review]:
    """Return the open questions about a person, the most urgent first."""
    values = {"person_id": person_id, "limit": limit}
    return await _reviews(connection, "reviews_of_person", values)


async def find_persons_of_reviews(connection: AsyncConnection, *asked: Review) -> list[tuple[UUID, UUID]]:
    """Return the persons that the two patients of each question stand for now. Raises NoPatients."""
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
    """Answer "one person": `keep` remains, or else the earlier one.

    Raises AlreadyAnswered, ReviewUnknown and what `merge` does.
    """
    asked = await _hold_review(connection, review_id)
    (pair,) = await find_persons_of_reviews(connection, asked)
    earlier, later = sorted(pair)
    kept, gone = (later, earlier) if keep == later else (earlier, later)
    return await merge(connection, author, kept, gone, reason)


async def answer_not_same(connection: AsyncConnection, author: Author, review_id: UUID, reason: str) -> Act:
    """Answer "two persons". Raises AlreadyAnswered, ReviewUnknown and what `record_not_same` does."""
    asked = await _hold_review(connection, review_id)
    ((person, other),) = await find_persons_of_reviews(connection, asked)
    return await record_not_same(connection, author, person, other, reason)


async def withdraw(connection: AsyncConnection, author: Author, review_id: UUID, reason: str) -> None:
    """Close a question whose patients are one person by now.

    Raises AlreadyAnswered, ReviewUnknown, StillTwo, ReasonMissing.
    """
    reason = reason_of(reason)
    asked = await _hold_review(connection, review_id)
    ((one, other),) = await find_persons_of_reviews(connection, asked)
    if one != other:
        raise StillTwo
    values = {"id": review_id, "outcome": "moot", "author": author.login, "reason": reason}
    await connection.execute(QUERIES["answer_review"], values)


async def postpone(connection: AsyncConnection, review_id: UUID, until: dt.datetime) -> None:
    """Put the question off. Raises AlreadyAnswered."""
    values = {"id": review_id, "until": until}
    if await (await connection.execute(QUERIES["postpone_review"], values)).fetchone() is None:
        raise AlreadyAnswered


async def _hold_review(connection: AsyncConnection, review_id: UUID) -> Review:
    if await (await connection.execute(QUERIES["hold_review"], {"id": review_id})).fetchone() is None:
        await find_review(connection, review_id)
        raise AlreadyAnswered
    return await find_review(connection, review_id)


async def _reviews(connection: AsyncConnection, query: str, values: dict[str, Any]) -> list[Review]:
    async with connection.cursor(row_factory=kwargs_row(_review)) as rows:
        await rows.execute(QUERIES[query], values)
        return await rows.fetchall()


def _review(
    *, organization_id: int, patient_id: UUID, other_organization_id: int, other_patient_id: UUID, **rest: Any
) -> Review:
    patient, other = PatientKey(organization_id, patient_id), PatientKey(other_organization_id, other_patient_id)
    return Review(patient=patient, other=other, **rest)
