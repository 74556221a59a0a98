"""Questions about citizens whom portals bring: whether they are the person whose cards bear their number."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.errors import InputRefused
from trustmed.region.citizens import questions
from trustmed.region.citizens.agreement import Stated, agrees, card_agrees
from trustmed.region.persons.opening import open_index
from trustmed.region.persons.shown import fours, person_line, sex_word
from trustmed.region.steward.acts import reason_of
from trustmed.region.steward.desk import (
    AnyRequest,
    age,
    author_of,
    clinic_of,
    form_fields,
    pools_of,
    reader_of,
    readers,
    reason_in,
    stewards,
)
from trustmed.region.steward.errors import Outdated
from trustmed.region.steward.reasons import NOT_SAME, SAME, in_language
from trustmed.web import i18n
from trustmed.web.forms import uuid_or_none
from trustmed.web.templating import render


@get("/steward/citizens", guards=[readers])
async def citizens_page(request: AnyRequest, done: FromQuery[str] = "") -> Response[str]:
    """Show the open questions about citizens, the oldest first."""
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_QUEUE) as index:
        asked = await questions.find_open(index.connection)
    return render(request, "steward/citizens.html", asked=asked, done=bool(done), age=age)


@get("/steward/citizens/{question_id:uuid}", guards=[readers])
async def citizen_page(request: AnyRequest, question_id: FromPath[UUID]) -> Response[str]:
    return await _citizen(request, question_id)


@post("/steward/citizens/{question_id:uuid}", guards=[stewards], status_code=200)
async def answer_citizen(request: AnyRequest, question_id: FromPath[UUID]) -> Response[Any]:
    """Record whose account it is: of the person chosen, or (`answer=nobody`) of none of them."""
    given = await form_fields(request)
    chosen = given.get("answer", "")
    try:
        reason = reason_of(reason_in(given, "why_not" if chosen == "nobody" else "why_same"))
        person_id = None if chosen == "nobody" else uuid_or_none(chosen)
        if person_id is None and chosen != "nobody":
            raise questions.QuestionAnswered
        async with open_index(pools_of(request), reader_of(request), Action.INDEX_REVIEW) as index:
            await questions.answer(
                index.connection, question_id, person_id, given.get("seen", ""), author_of(request).login, reason
            )
            index.note_seen(*((person_id,) if person_id else ()))
    except (InputRefused, Outdated) as error:
        return await _citizen(request, question_id, refusal=error.text(i18n.current.get()), given=given)
    return Redirect("/steward/citizens?done=1", status_code=303)


async def _citizen(
    request: AnyRequest, question_id: UUID, *, refusal: str = "", given: dict[str, str] | None = None
) -> Response[str]:
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_REVIEW) as index:
        asked = await questions.find_question(index.connection, question_id)
        persons = await questions.find_persons_of_number(index.connection, asked.snils)
        index.note_seen(*(one.id for one in persons))
    stated: Stated = asked.stated
    return render(
        request,
        "steward/citizen.html",
        status=422 if refusal else 200,
        asked=asked,
        persons=persons,
        seen=questions.digest_of(persons, None),
        agreeing={one.id for one in persons if agrees(stated, one)},
        is_own=lambda card: card_agrees(stated, card),
        same=in_language(SAME),
        not_same=in_language(NOT_SAME),
        refusal=refusal,
        given=given or {},
        line=person_line,
        clinic=lambda organization_id: clinic_of(request, organization_id),
        sex=sex_word,
        fours=fours,
        may_decide=request.user.role == "steward",
    )
