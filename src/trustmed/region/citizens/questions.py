"""Questions to a steward: is the citizen whom a portal brings the person whose cards bear the number?

All work within a transaction of the index that wrote its audit row itself.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.db.async_rows import find_struct, find_structs, find_value
from trustmed.db.queries import load
from trustmed.errors import InputRefused, NotFound
from trustmed.region.citizens.agreement import Stated, cards_sha256
from trustmed.region.persons.model import Person
from trustmed.region.persons.reading import Identifiers, find_ids, find_persons

QUERIES = load(__package__)
PAGE = 100

Outcome = Literal["same", "not_same", "moot"]


class Answer(msgspec.Struct, frozen=True):
    """What a steward said of an identity, having seen the cards with this digest."""

    outcome: Outcome
    person_id: UUID | None
    cards_sha256: str | None


class Question(msgspec.Struct, frozen=True):
    """A question, answered or not. `sub`: the account at the provider; `client_name`: the portal that brought it."""

    id: UUID
    opened_at: dt.datetime
    snils: str
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date
    sub: str
    client_name: str
    closed_at: dt.datetime | None = None
    outcome: Outcome | None = None

    @property
    def stated(self) -> Stated:
        return Stated(self.snils, self.surname, self.given_name, self.patronymic, self.birth_date)


class QuestionUnknown(NotFound):
    """There is no such question about a citizen."""

    def __init__(self) -> None:
        super().__init__(
            "Такого вопроса нет. Откройте очередь стюарда.", "There is no such question. Open the stewards' queue."
        )


class QuestionAnswered(InputRefused):
    """Somebody answered the question meanwhile, or the cards have changed since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            "На вопрос уже ответили, или карты изменились, пока страница была открыта. Проверьте и ответьте снова.",
            "The question was answered, or the cards changed while the page was open. Check it and answer again.",
        )


async def find_persons_of_number(connection: AsyncConnection, snils: str) -> list[Person]:
    """Return the persons one of whose cards bears the number."""
    return await find_persons(connection, await find_ids(connection, Identifiers(snils=snils)))


async def find_answer(connection: AsyncConnection, stated: Stated) -> Answer | None:
    """Return the latest answer of a steward about this identity."""
    return await find_struct(connection, Answer, QUERIES["answer"], {"identity": stated.sha256})


async def ask(connection: AsyncConnection, stated: Stated, sub: str, client_name: str) -> None:
    """Ask a steward about the identity, unless the question is open already."""
    values = msgspec.structs.asdict(stated) | {"identity": stated.sha256, "sub": sub, "client_name": client_name}
    await connection.execute(QUERIES["ask"], values)


async def withdraw(connection: AsyncConnection, stated: Stated) -> None:
    """Close the open question about the identity: the cards agree by now."""
    await connection.execute(QUERIES["withdraw"], {"identity": stated.sha256})


async def find_question(connection: AsyncConnection, question_id: UUID) -> Question:
    """Return the question. Raises QuestionUnknown."""
    found = await find_struct(connection, Question, QUERIES["question"], {"id": question_id})
    if found is None:
        raise QuestionUnknown
    return found


async def find_open(connection: AsyncConnection) -> list[Question]:
    """Return the open questions, the oldest first."""
    return await find_structs(connection, Question, QUERIES["open"], {"limit": PAGE})


async def count_open(connection: AsyncConnection) -> int:
    return await find_value(connection, QUERIES["count_open"])


async def answer(
    connection: AsyncConnection, question_id: UUID, person_id: UUID | None, seen: str, author: str, reason: str
) -> None:
    """Answer that the citizen is this person, or (None) nobody of those. `seen`: the digest of the cards on the page.

    Raises QuestionAnswered, QuestionUnknown.
    """
    asked = await find_question(connection, question_id)
    persons = await find_persons_of_number(connection, asked.snils)
    if digest_of(persons, None) != seen or (person_id and person_id not in {one.id for one in persons}):
        raise QuestionAnswered
    values = {
        "id": question_id,
        "outcome": "same" if person_id else "not_same",
        "person_id": person_id,
        "cards_sha256": digest_of(persons, person_id),
        "author": author,
        "reason": reason,
    }
    if await find_value(connection, QUERIES["close"], values) is None:
        raise QuestionAnswered


def digest_of(persons: Sequence[Person], person_id: UUID | None) -> str:
    """Return the digest of the cards of one of the persons, or (None) of all."""
    return cards_sha256(source for one in persons if person_id in (None, one.id) for source in one.sources)
