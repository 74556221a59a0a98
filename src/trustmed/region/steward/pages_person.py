"""A person's page: the golden record, the rows it is made of, the decisions about the person; and changing them."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.errors import InputRefused, TrustMedError
from trustmed.region.index.model import PatientKey
from trustmed.region.index.weights import model_in_force_async
from trustmed.region.persons import reading
from trustmed.region.persons.golden import FIELDS
from trustmed.region.persons.model import Person
from trustmed.region.persons.opening import OpenIndex, open_index
from trustmed.region.persons.shown import fours, golden_text, person_line, sex_word
from trustmed.region.steward import acts, history, pins, reviews
from trustmed.region.steward.desk import (
    AnyRequest,
    author_of,
    clinic_of,
    form_fields,
    pools_of,
    reader_of,
    readers,
    reason_in,
    stewards,
)
from trustmed.region.steward.drawing import drawing_of
from trustmed.region.steward.errors import Outdated
from trustmed.region.steward.model import Act, Decision, KeptApart, Review
from trustmed.region.steward.pair import most_similar_rows
from trustmed.region.steward.reasons import NOT_SAME, SAME, in_language
from trustmed.region.steward.words import (
    act_words,
    comparison_of,
    decision_words,
    explained,
    field_words,
    link_reason,
    rule_words,
)
from trustmed.web import i18n
from trustmed.web.forms import uuid_or_none
from trustmed.web.language import own_path
from trustmed.web.templating import render

MOST_QUESTIONS = 20


class Surroundings(msgspec.Struct, frozen=True):
    """What a person's page shows besides the person. `names`: the other persons it mentions."""

    history: list[Decision]
    acts: list[Act]
    apart: list[KeptApart]
    questions: list[Review]
    names: dict[UUID, Person]


@get("/persons/{person_id:uuid}", guards=[readers])
async def person_page(request: AnyRequest, person_id: FromPath[UUID], done: FromQuery[str] = "") -> Response[str]:
    return await _person(request, person_id, done=done)


@post("/persons/{person_id:uuid}/pin", guards=[stewards], status_code=200)
async def pin(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Pin a value, or with `action=unpin` let the rows decide again."""
    given = await form_fields(request)
    try:
        async with open_index(pools_of(request), reader_of(request), Action.INDEX_PIN, [person_id]) as index:
            why, field = acts.reason_of(given.get("words", "")), given.get("field", "")
            if given.get("action") == "unpin":
                await pins.unpin(index.connection, author_of(request), person_id, field, why)
            else:
                value = given.get("value", "")
                await pins.pin(index.connection, author_of(request), person_id, field, value, why)
    except (InputRefused, Outdated) as error:
        return await _person(request, person_id, refused=error, given=given)
    return Redirect(f"/persons/{person_id}?done=pin", status_code=303)


@post("/persons/{person_id:uuid}/split", guards=[stewards], status_code=200)
async def split(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Make the ticked rows another person."""
    form = await request.form()
    ticked = [key for one in form.getall("row", []) if isinstance(one, str) and (key := _key(one)) is not None]
    given = await form_fields(request)
    try:
        async with open_index(pools_of(request), reader_of(request), Action.INDEX_SPLIT, [person_id]) as index:
            reason = reason_in(given, "why_not")
            act = await acts.split(index.connection, author_of(request), person_id, ticked, reason)
            index.note_seen(act.other_person_id)
    except (InputRefused, Outdated) as error:
        given["ticked"] = " ".join(form.getall("row", []))
        return await _person(request, person_id, refused=error, given=given)
    return Redirect(f"/persons/{person_id}?done=split", status_code=303)


@get("/persons/{person_id:uuid}/with/{other_id:uuid}", guards=[readers])
async def two_persons(request: AnyRequest, person_id: FromPath[UUID], other_id: FromPath[UUID]) -> Response[str]:
    """Compare two persons, to be merged or kept apart."""
    return await _two(request, person_id, other_id)


@post("/persons/{person_id:uuid}/with/{other_id:uuid}", guards=[stewards], status_code=200)
async def decide(request: AnyRequest, person_id: FromPath[UUID], other_id: FromPath[UUID]) -> Response[Any]:
    given = await form_fields(request)
    pools, reader, author, both = pools_of(request), reader_of(request), author_of(request), (person_id, other_id)
    try:
        if given.get("answer") == "not_same":
            async with open_index(pools, reader, Action.INDEX_NOT_SAME, both) as index:
                await acts.record_not_same(index.connection, author, person_id, other_id, reason_in(given, "why_not"))
            return Redirect(f"/persons/{person_id}?done=apart", status_code=303)
        kept, gone = (other_id, person_id) if given.get("keep") == str(other_id) else (person_id, other_id)
        async with open_index(pools, reader, Action.INDEX_MERGE, both) as index:
            await acts.merge(index.connection, author, kept, gone, reason_in(given, "why_same"))
    except (InputRefused, Outdated) as error:
        return await _two(request, person_id, other_id, refused=error, given=given)
    return Redirect(f"/persons/{kept}?done=merge", status_code=303)


@post("/acts/{act_id:uuid}/undo", guards=[stewards], status_code=200)
async def undo(request: AnyRequest, act_id: FromPath[UUID]) -> Response[Any]:
    """Undo an act and return to the page `back`."""
    given = await form_fields(request)
    back = own_path(given.get("back") or "/steward")
    try:
        async with open_index(pools_of(request), reader_of(request), Action.INDEX_UNDO) as index:
            act = await acts.undo(index.connection, author_of(request), act_id, given.get("words", ""))
            index.note_seen(act.person_id, act.other_person_id)
    except (InputRefused, Outdated) as error:
        person = uuid_or_none(given.get("person"))
        if person is None:
            raise
        return await _person(request, person, refused=error, given=given)
    return Redirect(back, status_code=303)


async def _person(
    request: AnyRequest,
    person_id: UUID,
    *,
    done: str = "",
    refused: TrustMedError | None = None,
    given: dict[str, str] | None = None,
) -> Response[str]:
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_PERSON) as index:
        person = await reading.find_person(index.connection, person_id)
        index.note_seen(person.id, *(() if person.asked_for is None else (person.asked_for,)))
        around = await _around(index, person)
    return render(
        request,
        "steward/person.html",
        status=refused.status if refused else 200,
        person=person,
        around=around,
        fields=FIELDS,
        pins={one.field: one for one in person.pins},
        reasons={source.key: link_reason(source, around.history) for source in person.sources},
        not_same=in_language(NOT_SAME),
        given=given or {},
        refusal=refused.text(i18n.current.get()) if refused else "",
        done=done,
        clinic=lambda organization_id: clinic_of(request, organization_id),
        sex=sex_word,
        fours=fours,
        may_decide=request.user.role == "steward",
        person_line=person_line,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "field_words": field_words(),
        "rule_words": rule_words(),
        "decision_words": decision_words(),
        "act_words": act_words(),
        "golden_text": golden_text,
        "explained": explained,
        "comparison_of": comparison_of,
    }


async def _around(index: OpenIndex, person: Person) -> Surroundings:
    connection = index.connection
    decisions = await history.find_history(connection, person.id)
    done = await history.find_acts(connection, person.id)
    apart = await history.find_kept_apart(connection, person.id)
    questions = await reviews.find_reviews_of_person(connection, person.id, MOST_QUESTIONS)
    named = {one.person_id for one in apart}
    named |= {one for act in done for one in (act.person_id, act.other_person_id)}
    named |= {one for pair in await reviews.find_persons_of_reviews(connection, *questions) for one in pair}
    named -= {person.id}
    names = {one.id: one for one in await reading.find_persons(connection, sorted(named))} if named else {}
    index.note_seen(*names)
    return Surroundings(decisions, done, apart, questions, names)


async def _two(
    request: AnyRequest,
    person_id: UUID,
    other_id: UUID,
    *,
    refused: TrustMedError | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_REVIEW) as index:
        one = await reading.find_person(index.connection, person_id)
        other = await reading.find_person(index.connection, other_id)
        model = await model_in_force_async(index.connection)
        pair = most_similar_rows(model, one.sources, other.sources)
        kept_apart = await history.find_kept_apart(index.connection, one.id)
        index.note_seen(one.id, other.id)
    if one.id == other.id:
        return Redirect(f"/persons/{one.id}", status_code=303)
    return render(
        request,
        "steward/two.html",
        status=refused.status if refused else 200,
        one=one,
        other=other,
        apart=any(known.person_id == other.id for known in kept_apart),
        pair=pair,
        drawing=drawing_of(pair.comparison, model.thresholds, pair.one.card, pair.other.card) if pair else None,
        same=in_language(SAME),
        not_same=in_language(NOT_SAME),
        given=given or {},
        refusal=refused.text(i18n.current.get()) if refused else "",
        clinic=lambda organization_id: clinic_of(request, organization_id),
        sex=sex_word,
        fours=fours,
        may_decide=request.user.role == "steward",
        person_line=person_line,
    )


def _key(text: str) -> PatientKey | None:
    """Read a patient's key as the page writes it: `organisation:id`."""
    organization, _, patient = text.partition(":")
    patient_id = uuid_or_none(patient)
    if patient_id is None or not (
        organization.isascii() and organization.isdecimal() and len(organization) < 10
    ):  # fits an integer of PostgreSQL
        return None
    return PatientKey(int(organization), patient_id)
