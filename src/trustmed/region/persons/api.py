"""Serve `/api/v1/mpi` to client systems with scope `mpi`: looking persons up, and matching a card as a dry run."""

import datetime as dt
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody

from trustmed.audit.actions import Action
from trustmed.errors import TrustMedError
from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal
from trustmed.matching.explain import Language, words
from trustmed.patient.snils import normalise_snils
from trustmed.patient.writing import ungrouped
from trustmed.region.access.entry import client_guard, reader_of, refusal_response
from trustmed.region.access.model import Reader
from trustmed.region.index.weights import model_in_force_async
from trustmed.region.persons import reading
from trustmed.region.persons.errors import NothingToLookFor
from trustmed.region.persons.golden import Rule
from trustmed.region.persons.model import Person
from trustmed.region.persons.opening import open_index
from trustmed.web import i18n
from trustmed.web.limits import JSON_BODY

SERVICE: Final = Reader("", "", "region", "service")
MOST_CANDIDATES: Final = 20


class FieldView(msgspec.Struct, frozen=True):
    """A field of the golden record. `origin_*`: the row the value is from; null if a steward fixed it."""

    value: str
    rule: Rule
    origin_organization_id: int | None
    origin_patient_id: UUID | None


class PatientView(msgspec.Struct, frozen=True):
    organization_id: int
    patient_id: UUID
    decision: Literal["automatic", "manual"]
    reason: str
    linked_at: dt.datetime


class PersonView(msgspec.Struct, frozen=True):
    """`asked_for`: the id asked for, if that person was merged into this one. `merged`: all persons merged into it."""

    id: UUID
    fields: dict[str, FieldView]
    patients: list[PatientView]
    merged: list[UUID]
    asked_for: UUID | None


class PersonsView(msgspec.Struct, frozen=True):
    persons: list[PersonView]


class WeightView(msgspec.Struct, frozen=True):
    """`weight`, in bits, is above zero if the field speaks for one person, below zero if it speaks against."""

    field: str
    level: str
    weight: float


class CandidateView(msgspec.Struct, frozen=True):
    person_id: UUID
    organization_id: int
    patient_id: UUID
    weight: float
    probability: float
    reason: str
    conflicts: list[str]
    fields: list[WeightView]


class MatchView(msgspec.Struct, frozen=True):
    """`outcome`: what would happen if a clinic entered this card. `margin`: bits between the two best persons."""

    outcome: Literal["linked", "review", "separate"]
    person_id: UUID | None
    reason: str
    margin: float | None
    model: str
    candidates: list[CandidateView]


class Demographics(Card, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A card as a clinic would enter it; `sex` is of dictionary 1040. `only_certain`: name nobody but a sure match."""

    sex: Literal[1, 2, 3] = 3
    only_certain: bool = False

    def card(self) -> Card:
        values: dict[str, Any] = {name: getattr(self, name) for name in Card.__struct_fields__}
        for name in ("snils", "enp"):
            values[name] = ungrouped(values[name]) if values[name] else None
        return Card(**values)


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers to find a person by. `identity`: of an identity document, which `series` narrows."""

    snils: str = ""
    enp: str = ""
    identity: str = ""
    series: str = ""

    def wanted(self) -> reading.Identifiers:
        """Return the numbers without grouping. Raises SnilsRefused."""
        return reading.Identifiers(
            normalise_snils(self.snils) if self.snils else None,
            ungrouped(self.enp) or None,
            ungrouped(self.identity) or None,
            ungrouped(self.series) or None,
        )


@get("/persons/{person_id:uuid}", summary="A person by id; merges are followed")
async def read_person(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> PersonView:
    reader = reader_of(request, SERVICE)
    async with open_index(request.app.state.pools, reader, Action.INDEX_PERSON) as index:
        found = await reading.find_person(index.connection, person_id)
        index.note_seen(found.id)
    return _person_view(found)


@post("/persons/find", status_code=200, summary="Persons by a number of theirs")
async def find_persons(request: Request[Any, Any, Any], data: JSONBody[Numbers]) -> PersonsView:
    """Return several persons where a number is disputed."""
    reader = reader_of(request, SERVICE)
    wanted = data.wanted()
    if not (wanted.snils or wanted.enp or wanted.identity):
        raise NothingToLookFor
    async with open_index(request.app.state.pools, reader, Action.INDEX_SEARCH) as index:
        found = await reading.find_persons(index.connection, await reading.find_ids(index.connection, wanted))
        index.note_seen(*(one.id for one in found))
    return PersonsView([_person_view(one) for one in found])


@post("/match", status_code=200, summary="Whom a card would be linked to: a dry run, nothing is written")
async def match_card(request: Request[Any, Any, Any], data: JSONBody[Demographics]) -> MatchView:
    reader = reader_of(request, SERVICE)
    async with open_index(request.app.state.pools, reader, Action.INDEX_MATCH) as index:
        model = await model_in_force_async(index.connection)
        verdict = await reading.match_card(index.connection, model, data.card())
        wanted = [one for one in verdict.best if not data.only_certain or one.person == verdict.person]
        shown = wanted[:MOST_CANDIDATES]
        index.note_seen(*(one.person for one in shown))
    language: Language = "en" if i18n.current.get() == "en" else "ru"
    return MatchView(
        verdict.outcome,
        verdict.person,
        words(verdict, language).line,
        verdict.margin,
        model.version,
        [_candidate_view(one, language) for one in shown],
    )


def _candidate_view(proposal: Proposal, language: Language) -> CandidateView:
    comparison = msgspec.structs.replace(proposal.comparison, conflicts=proposal.conflicts)
    source = reading.key_of(proposal)
    return CandidateView(
        proposal.person,
        source.organization_id,
        source.id,
        round(comparison.weight, 2),
        round(1 / (1 + 2 ** min(-comparison.weight, 60.0)), 6),
        words(comparison, language).line,
        list(comparison.conflicts),
        [WeightView(one.field, one.level, one.weight) for one in comparison.fields],
    )


def _person_view(person: Person) -> PersonView:
    return PersonView(
        person.id,
        {
            name: FieldView(
                field.value,
                field.rule,
                field.origin.organization_id if field.origin else None,
                field.origin.id if field.origin else None,
            )
            for name, field in person.golden.items()
        },
        [
            PatientView(one.key.organization_id, one.key.id, one.decision, one.reason, one.linked_at)
            for one in person.sources
        ],
        list(person.merged),
        person.asked_for,
    )


def persons_api() -> Router:
    return Router(
        "/api/v1/mpi",
        route_handlers=[read_person, find_persons, match_card],
        request_max_body_size=JSON_BODY,
        guards=[client_guard(SERVICE, "mpi")],
        exception_handlers={TrustMedError: refusal_response},
        opt={"machine_only": True, "exclude_from_csrf": True},
        tags=["index of patients"],
        security=[{"client_token": []}],
    )
