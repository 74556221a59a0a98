"""Search for persons by a number, or by name and birth date, as the matcher would look."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from trustmed.errors import InputRefused
from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal, Verdict
from trustmed.matching.explain import words
from trustmed.matching.model import Model
from trustmed.region.persons.finding import MOST_SHOWN, find_by_number, find_similar
from trustmed.region.persons.model import Person
from trustmed.region.persons.reading import key_of
from trustmed.region.persons.shown import fours, person_line, sex_word
from trustmed.region.persons.typed import card_of_typed
from trustmed.region.steward.desk import AnyRequest, clinic_of, pools_of, reader_of, readers
from trustmed.region.steward.drawing import Drawing, drawing_of
from trustmed.web import i18n
from trustmed.web.forms import uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.sealed import answer_search, search_in_address
from trustmed.web.templating import render

SEARCH: Final = "/persons"


class Candidate(msgspec.Struct, frozen=True):
    """A person who may be the one looked for, and why."""

    person: Person
    proposal: Proposal
    reason: str
    drawing: Drawing


@get("/persons", guards=[readers])
async def search_page(request: AnyRequest) -> Response[str]:
    """Search by `number` (СНИЛС, policy, document or a person's id), or by name, birth date and other fields.

    `for`: the id of the person who is to be merged with whom is found.
    """
    search = search_in_address(request, SEARCH)
    given = {"for": request.query_params.get("for", ""), **search.given()}
    found: list[Person] | None = None
    candidates: list[Candidate] = []
    verdict: Verdict | None = None
    refusal = search.refusal.text(i18n.current.get()) if search.refusal else ""
    try:
        if given.get("number"):
            found = await find_by_number(pools_of(request), reader_of(request), given["number"])
        elif any(given.get(name) for name in ("surname", "given_name", "birth_date")):
            verdict, candidates = await _find_candidates(request, card_of_typed(given))
    except InputRefused as error:
        refusal = error.text(i18n.current.get())
    return render(
        request,
        "steward/search.html",
        status=422 if refusal else 200,
        given=given,
        found=found,
        verdict=verdict,
        candidates=candidates,
        outcome=_outcome(verdict, candidates) if verdict else "",
        refusal=refusal,
        merging=uuid_or_none(given.get("for")),
        clinic=lambda organization_id: clinic_of(request, organization_id),
        sex=sex_word,
        fours=fours,
        person_line=person_line,
    )


@post("/persons", guards=[readers], status_code=200)
async def find(request: AnyRequest) -> Response[Any]:
    return await answer_search(request, SEARCH)


async def _find_candidates(request: AnyRequest, card: Card) -> tuple[Verdict, list[Candidate]]:
    found = await find_similar(pools_of(request), reader_of(request), card)
    shown = [
        _candidate(found.model, card, one, found.persons[one.person], found.rows[key_of(one)].source.card)
        for one in found.verdict.best[:MOST_SHOWN]
        if key_of(one) in found.rows
    ]
    return found.verdict, shown


def _candidate(model: Model, card: Card, proposal: Proposal, whole: Person, row: Card) -> Candidate:
    comparison = msgspec.structs.replace(proposal.comparison, conflicts=proposal.conflicts)
    line = words(comparison, i18n.current.get()).line
    return Candidate(whole, proposal, line, drawing_of(comparison, model.thresholds, card, row))


def _outcome(verdict: Verdict, candidates: list[Candidate]) -> str:
    if verdict.outcome == "linked" and candidates:
        return _("Такую запись система связала бы сама: %(who)s.") % {"who": person_line(candidates[0].person)}
    if verdict.outcome == "review":
        return _("Такую запись система завела бы отдельно и спросила бы стюарда.")
    return _("Такого человека в регионе нет: система завела бы нового.")
