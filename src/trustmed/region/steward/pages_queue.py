"""The stewards' queue, the page of one question, and answering it."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.errors import InputRefused, TrustMedError
from trustmed.matching.explain import words
from trustmed.matching.vocabulary import Comparison
from trustmed.region.citizens.questions import count_open
from trustmed.region.index.weights import model_in_force_async
from trustmed.region.persons.opening import OpenIndex, open_index
from trustmed.region.persons.patients import Patient, find_patients
from trustmed.region.persons.reading import find_persons
from trustmed.region.persons.shown import fours, sex_word
from trustmed.region.pools import Pools
from trustmed.region.steward import reviews
from trustmed.region.steward.desk import (
    AnyRequest,
    address,
    age,
    author_of,
    clinic_of,
    clinics,
    form_fields,
    pools_of,
    reader_of,
    readers,
    reason_in,
    stewards,
)
from trustmed.region.steward.drawing import drawing_of
from trustmed.region.steward.errors import NoPatients, Outdated
from trustmed.region.steward.model import QueueCount, Review
from trustmed.region.steward.reasons import NOT_SAME, SAME, in_language
from trustmed.web import i18n
from trustmed.web.forms import number_or_none, uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

LATEST_DAYS = 366
PRIORITIES = (1, 2, 3)


class DayWrong(InputRefused):
    """A question can be put off to a future day, but not by more than a year."""

    def __init__(self) -> None:
        super().__init__(
            "Отложить можно на любой день от завтрашнего и не дальше года. Укажите другой.",
            "A question can be put off until any day from tomorrow on, a year ahead at most. Choose another.",
        )


class Chosen(msgspec.Struct, frozen=True):
    """The part of the queue that the steward works through."""

    priority: int | None
    clinic: int | None

    @classmethod
    def read(cls, priority: str, clinic: str) -> "Chosen":
        """Read the choice out of an address; unknown priorities and clinics are ignored."""
        wanted = number_or_none(priority)
        return cls(wanted if wanted in PRIORITIES else None, number_or_none(clinic))

    def query(self) -> dict[str, object]:
        return {"priority": self.priority, "clinic": self.clinic}


@get("/steward", guards=[readers])
async def queue_page(
    request: AnyRequest,
    priority: FromQuery[str] = "",
    clinic: FromQuery[str] = "",
    after: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Response[str]:
    """Show open questions, the most urgent first; with `priority=later`, those put off."""
    chosen = Chosen.read(priority, clinic)
    later = priority == "later"
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_QUEUE) as index:
        counts = await reviews.queue_counts(index.connection)
        if later:
            found = await reviews.find_postponed(index.connection, organization_id=chosen.clinic)
        else:
            found = await _queue(index, chosen, uuid_or_none(after), reviews.PAGE + 1)
        shown = found[: reviews.PAGE]
        citizens = await count_open(index.connection)
        rows = await find_patients(index.connection, [key for one in shown for key in (one.patient, one.other)])
        index.note_seen(*(row.person_id for row in rows.values()))
    more = shown[-1].id if len(found) > len(shown) else None
    return render(
        request,
        "steward/queue.html",
        counts=counts,
        waiting=sum(one.waiting for one in counts),
        postponed=sum(one.postponed for one in counts),
        oldest=_oldest(counts),
        citizens=citizens,
        questions=[_at_a_glance(request, one, rows) for one in shown],
        chosen=chosen,
        later=later,
        clinics=clinics(request),
        priorities=priorities(),
        first=address(f"/steward/{shown[0].id}", **chosen.query()) if shown else None,
        more=address("/steward", after=more, **chosen.query()) if more else None,
        after=after,
        done=uuid_or_none(done),
        query=address("", **chosen.query()),
        age=age,
    )


@get("/steward/{review_id:uuid}", guards=[readers])
async def question_page(
    request: AnyRequest,
    review_id: FromPath[UUID],
    priority: FromQuery[str] = "",
    clinic: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Response[str]:
    chosen = Chosen.read(priority, clinic)
    return await _question(request, review_id, chosen, done=done)


@get("/steward/{review_id:uuid}/next", guards=[readers])
async def next_question(
    request: AnyRequest, review_id: FromPath[UUID], priority: FromQuery[str] = "", clinic: FromQuery[str] = ""
) -> Redirect:
    """Redirect to the next question; this one stays open."""
    chosen = Chosen.read(priority, clinic)
    return Redirect(await _next(request, review_id, chosen), status_code=303)


@post("/steward/{review_id:uuid}", guards=[stewards], status_code=200)
async def answer(
    request: AnyRequest, review_id: FromPath[UUID], priority: FromQuery[str] = "", clinic: FromQuery[str] = ""
) -> Response[Any]:
    """Answer the question and redirect to the next one."""
    chosen, given = Chosen.read(priority, clinic), await form_fields(request)
    try:
        done = await _answer(request, review_id, given)
    except (InputRefused, Outdated) as error:
        return await _question(request, review_id, chosen, refused=error, given=given)
    return Redirect(await _next(request, review_id, chosen, done), status_code=303)


def priorities() -> dict[int, str]:
    """Return what the priorities mean, in the request's language."""
    return {1: _("очень похожи, но что-то мешает"), 2: _("похожи"), 3: _("слабое сходство")}


async def _answer(request: AnyRequest, review_id: UUID, given: dict[str, str]) -> UUID | None:
    """Do what the form says; return the act, if there was one. Raises what `reviews` does."""
    pools, reader, author = pools_of(request), reader_of(request), author_of(request)
    kind = given.get("answer", "")
    if kind == "same":
        async with open_index(pools, reader, Action.INDEX_MERGE) as index:
            keep = uuid_or_none(given.get("keep"))
            act = await reviews.answer_same(index.connection, author, review_id, reason_in(given, "why_same"), keep)
            index.note_seen(act.person_id, act.other_person_id)
        return act.id
    if kind == "not_same":
        async with open_index(pools, reader, Action.INDEX_NOT_SAME) as index:
            act = await reviews.answer_not_same(index.connection, author, review_id, reason_in(given, "why_not"))
            index.note_seen(act.person_id, act.other_person_id)
        return act.id
    async with open_index(pools, reader, Action.INDEX_QUEUE) as index:
        if kind == "withdraw":
            await reviews.withdraw(index.connection, author, review_id, _("уже один человек"))
        else:
            await reviews.postpone(index.connection, review_id, _until(given))
    return None


def _until(given: dict[str, str]) -> dt.datetime:
    """Return the beginning of the chosen day. Raises DayWrong."""
    today = dt.datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    days = number_or_none(given.get("days", ""))
    if given.get("until"):
        try:
            days = (dt.date.fromisoformat(given["until"]) - today.date()).days
        except ValueError as error:
            raise DayWrong from error
    if days is None or not 0 < days <= LATEST_DAYS:
        raise DayWrong
    return today + dt.timedelta(days=days)


async def _queue(index: OpenIndex, chosen: Chosen, after: UUID | None, limit: int) -> list[Review]:
    last = await reviews.find_review(index.connection, after) if after else None
    return await reviews.find_queue(
        index.connection, priority=chosen.priority, organization_id=chosen.clinic, after=last, limit=limit
    )


async def _next(request: AnyRequest, review_id: UUID, chosen: Chosen, done: UUID | None = None) -> str:
    """Return the address of the question after this one, else of the first one, else of the queue."""
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_QUEUE) as index:
        found = await _queue(index, chosen, review_id, 1) or await _queue(index, chosen, None, 1)
    path = f"/steward/{found[0].id}" if found and found[0].id != review_id else "/steward"
    return address(path, done=done, **chosen.query())


async def _question(
    request: AnyRequest,
    review_id: UUID,
    chosen: Chosen,
    *,
    done: str = "",
    refused: TrustMedError | None = None,
    given: dict[str, str] | None = None,
) -> Response[str]:
    pools: Pools = pools_of(request)
    async with open_index(pools, reader_of(request), Action.INDEX_REVIEW) as index:
        asked = await reviews.find_review(index.connection, review_id)
        rows = await find_patients(index.connection, (asked.patient, asked.other))
        if len(rows) < 2:
            raise NoPatients(next(key.id for key in (asked.patient, asked.other) if key not in rows))
        one, other = rows[asked.patient], rows[asked.other]
        both = list(dict.fromkeys((one.person_id, other.person_id)))
        whole = {person.id: person for person in await find_persons(index.connection, both)}
        model = await model_in_force_async(index.connection)
        index.note_seen(*both)
    comparison = msgspec.convert(asked.explanation, Comparison)
    return render(
        request,
        "steward/question.html",
        status=refused.status if refused else 200,
        asked=asked,
        pair=(one, other),
        whole=whole,
        earlier=min(both),
        drawing=drawing_of(comparison, model.thresholds, one.source.card, other.source.card),
        is_one=len(both) == 1,
        other_model=model.version if model.version != asked.model else None,
        same=in_language(SAME),
        not_same=in_language(NOT_SAME),
        priorities=priorities(),
        given=given or {},
        refusal=refused.text(i18n.current.get()) if refused else "",
        outdated=isinstance(refused, Outdated),
        done=uuid_or_none(done),
        query=address("", **chosen.query()),
        queue=address("/steward", **chosen.query()),
        clinic=lambda organization_id: clinic_of(request, organization_id),
        sex=sex_word,
        fours=fours,
        age=age,
        may_decide=request.user.role == "steward",
    )


def _at_a_glance(request: AnyRequest, asked: Review, rows: dict[Any, Patient]) -> dict[str, Any]:
    """Return a question as a line of the queue; a patient who is gone meanwhile is None."""
    comparison = msgspec.convert(asked.explanation, Comparison)
    pair = [(rows.get(key), clinic_of(request, key.organization_id)) for key in (asked.patient, asked.other)]
    return {"asked": asked, "reason": words(comparison, i18n.current.get()).line, "pair": pair}


def _oldest(counts: list[QueueCount]) -> dt.datetime | None:
    return min((one.oldest for one in counts), default=None)
