"""Looking for persons: by a number, or by what is known of them, as the matcher would look."""

import datetime as dt

import msgspec
from litestar import Response, get

from trustmed.errors import InputRefused
from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal, Verdict
from trustmed.matching.explain import words
from trustmed.matching.model import Model
from trustmed.patient.writing import tidy, ungrouped
from trustmed.region.persons.finding import MOST, alike, by_number
from trustmed.region.persons.model import Person
from trustmed.region.persons.persons import key_of
from trustmed.region.steward.desk import AnyRequest, clinic_of, pools_of, reader_of, readers
from trustmed.region.steward.errors import NothingToLookFor
from trustmed.region.steward.shown import Drawn, drawn, fours, sex_word
from trustmed.region.steward.told import told
from trustmed.web import i18n
from trustmed.web.forms import uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

LONGEST = 300


class BirthDateWrong(InputRefused):
    """The day of birth cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "Дата рождения не понята. Введите её как 05.11.1980 или 1980-11-05.",
            "The birth date is not understood. Write it as 05.11.1980 or 1980-11-05.",
        )


class Candidate(msgspec.Struct, frozen=True):
    """A person who may be meant, and why."""

    person: Person
    proposal: Proposal
    reason: str
    drawing: Drawn


@get("/persons", guards=[readers])
async def search_page(request: AnyRequest) -> Response[str]:
    """`number`: СНИЛС, policy, document or a person's id; or name, day of birth and the rest, for the matcher."""
    given = {name: tidy(text)[:LONGEST] for name, text in request.query_params.items()}
    found: list[Person] | None = None
    candidates: list[Candidate] = []
    verdict: Verdict | None = None
    refusal = ""
    try:
        if given.get("number"):
            found = await by_number(pools_of(request), reader_of(request), given["number"])
        elif any(given.get(name) for name in ("surname", "given_name", "birth_date")):
            verdict, candidates = await _alike(request, card_given(given))
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
        told=told,
    )


async def _alike(request: AnyRequest, card: Card) -> tuple[Verdict, list[Candidate]]:
    found = await alike(pools_of(request), reader_of(request), card)
    shown = [
        _candidate(found.model, card, one, found.persons[one.person], found.rows[key_of(one)].source.card)
        for one in found.verdict.best[:MOST]
        if key_of(one) in found.rows
    ]
    return found.verdict, shown


def _candidate(model: Model, card: Card, proposal: Proposal, whole: Person, row: Card) -> Candidate:
    comparison = msgspec.structs.replace(proposal.comparison, conflicts=proposal.conflicts)
    line = words(comparison, i18n.current.get()).line
    return Candidate(whole, proposal, line, drawn(comparison, model.thresholds, card, row))


def card_given(given: dict[str, str]) -> Card:
    """What was typed of a person, as a card. Raises NothingToLookFor, BirthDateWrong."""
    if not (given.get("surname") and given.get("given_name") and given.get("birth_date")):
        raise NothingToLookFor
    sex = given.get("sex", "")
    *series, number = given.get("document", "").split() or [""]
    return Card(
        given["surname"],
        given["given_name"],
        _day(given["birth_date"]),
        int(sex) if sex in ("1", "2") else 3,
        given.get("patronymic") or None,
        ungrouped(given.get("snils", "")) or None,
        ungrouped(given.get("enp", "")) or None,
        None,
        "".join(series) or None,
        number or None,
        given.get("phone") or None,
        given.get("address") or None,
    )


def _day(text: str) -> dt.date:
    day, dot, rest = text.partition(".")
    month, _, year = rest.partition(".")
    try:
        return dt.date(int(year), int(month), int(day)) if dot else dt.date.fromisoformat(text)
    except ValueError as error:
        raise BirthDateWrong from error


def _outcome(verdict: Verdict, candidates: list[Candidate]) -> str:
    if verdict.outcome == "linked" and candidates:
        return _("Такую запись система связала бы сама: %(who)s.") % {"who": told(candidates[0].person)}
    if verdict.outcome == "review":
        return _("Такую запись система завела бы отдельно и спросила бы стюарда.")
    return _("Такого человека в регионе нет: система завела бы нового.")
