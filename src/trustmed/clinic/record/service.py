"""Read a patient's record for a member of staff: on a ground, from the region and from the site."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from trustmed.audit.actions import Action
from trustmed.audit.emergency import LONGEST_REASON, SHORTEST_REASON, emergency_reason
from trustmed.audit.trail import Actor
from trustmed.clinic.documents import reading
from trustmed.clinic.documents.model import Document
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.record.model import Answer, Event, Reason, Shown, Wanted
from trustmed.clinic.record.region import RegionAway, RegionRecord
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import Databases, answering, audited, tenant
from trustmed.db.queries import load
from trustmed.errors import Forbidden, InputRefused
from trustmed.patient.writing import tidy
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.web import i18n

sql = load(__package__)

TREATS_DAYS: Final = 365
EMERGENCY_HOURS: Final = 1


class GroundNeeded(Forbidden):
    """There is no visit, booking or consent, so only an emergency opens the record."""

    def __init__(self) -> None:
        super().__init__(
            f"Карту региона открывает визит за {TREATS_DAYS} дней, запись на приём или согласие пациента. Их нет: "
            "оформите одно из них, а в экстренном случае укажите причину.",
            f"The region's record is opened by a visit within {TREATS_DAYS} days, a booking or the patient's consent. "
            "There is none: make one of them or, in an emergency, say why.",
        )


class ReasonTooShort(InputRefused):
    """The reason for a break-glass access is too short, or too long, for somebody else to judge."""

    def __init__(self) -> None:
        super().__init__(
            f"Опишите причину словами, от {SHORTEST_REASON} букв до {LONGEST_REASON} знаков: её прочтёт заведующий.",
            f"Say why in words, {SHORTEST_REASON} letters to {LONGEST_REASON} characters: the clinic's head reads it.",
        )


class Relation(msgspec.Struct, frozen=True):
    """What ties the organisation to the patient now; None means no such tie."""

    visit: dt.datetime | None = None
    own_booking: dt.datetime | None = None
    region_booking: dt.datetime | None = None
    consent: bool = False
    emergency: str | None = None

    def reason(self) -> Reason | None:
        """Return the strongest ground, if there is any."""
        for word, moment in (("visit", self.visit), ("booking", self.own_booking), ("booking", self.region_booking)):
            if moment is not None:
                return Reason("treatment", f"{word} {moment.astimezone():%d.%m.%Y}")
        if self.consent:
            return Reason("consent")
        return Reason("break_glass", self.emergency) if self.emergency is not None else None


class Opened(msgspec.Struct, frozen=True):
    """The patient and the ground on which the record is open; `reason` None means it is not open."""

    patient: Patient
    position: str
    reason: Reason | None


def emergency(said: str) -> str:
    """Return the tidied reason for a break-glass access. Raises ReasonTooShort."""
    words = emergency_reason(said)
    if words is None:
        raise ReasonTooShort
    return words


async def standing(clinic: Clinic, actor: Actor, patient_id: UUID) -> Opened:
    """Find the ground on which the actor's organisation may read the record. Raises PatientMissing (audited)."""
    organization_id = actor.organization_id
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "days": TREATS_DAYS,
        "actor": actor.account,
        "action": Action.RECORD_EMERGENCY.value,
        "hours": EMERGENCY_HOURS,
        "employee_id": actor.employee_id,
        "positions": FORM_DICTIONARIES["position"],
    }
    async with (
        answering(clinic.databases, actor, Action.RECORD_READ, patient_id=patient_id),
        tenant(clinic.databases.site, organization_id) as connection,
    ):
        patient = await patients.get(connection, organization_id, patient_id)
        relation = msgspec.convert(await _row(connection, "relation", values), Relation)
        employee = await _row(connection, "position", values)
    return Opened(patient, str(employee.get("position") or actor.role), relation.reason())


async def break_glass(clinic: Clinic, actor: Actor, patient_id: UUID, said: str) -> None:
    """Open the record in an emergency, for EMERGENCY_HOURS; the clinic's head is shown this.

    Raises PatientMissing, ReasonTooShort (both audited).
    """
    async with audited(
        clinic.databases, actor, Action.RECORD_EMERGENCY, ground="break_glass", patient_id=patient_id
    ) as (connection, trace):
        await patients.get(connection, actor.organization_id, patient_id)
        trace.detail = emergency(said)


async def timeline(clinic: Clinic, region: RegionRecord, actor: Actor, opened: Opened, wanted: Wanted) -> Shown:
    """Return a page of the timeline and audit the reading. Raises GroundNeeded, RegionRefuses (both audited).

    If the region does not answer, return the site's own part and say so.
    """
    patient_id, ground = opened.patient.id, opened.reason
    if ground is None:
        async with answering(clinic.databases, actor, Action.RECORD_READ, patient_id=patient_id):
            raise GroundNeeded
    await _note(clinic.databases, actor, Action.RECORD_READ, patient_id, None, ground)
    documents, visits = await _own(clinic, actor, patient_id)
    waiting = frozenset(one.id for one in documents if not clinic.link.view.has(one.signed_at))
    try:
        async with answering(clinic.databases, actor, Action.RECORD_READ, ground=ground.ground, patient_id=patient_id):
            answer = await region.timeline(actor, opened.position, patient_id, ground, wanted)
    except RegionAway as away:
        events = _narrowed([*_events(actor, documents), *visits], wanted)
        return Shown(events, region_away=away.text(i18n.current.get()), waiting=waiting)
    return _together(answer, _events(actor, documents), wanted, waiting)


async def content(clinic: Clinic, region: RegionRecord, actor: Actor, opened: Opened, document_id: UUID) -> bytes:
    """Return the exact bytes of a document of the patient, from any clinic.

    Raises GroundNeeded, RegionAway, RegionRefuses.
    """
    patient_id, ground = opened.patient.id, opened.reason
    async with answering(
        clinic.databases, actor, Action.RECORD_DOCUMENT, patient_id=patient_id, document_id=document_id
    ):
        if ground is None:
            raise GroundNeeded
        found = await region.content(actor, opened.position, patient_id, ground, document_id)
    await _note(clinic.databases, actor, Action.RECORD_DOCUMENT, patient_id, document_id, ground)
    return found


async def _note(
    databases: Databases, actor: Actor, action: Action, patient_id: UUID, document_id: UUID | None, reason: Reason
) -> None:
    async with audited(
        databases, actor, action, ground=reason.ground, patient_id=patient_id, document_id=document_id
    ) as (_, trace):
        trace.detail = reason.detail


async def _own(clinic: Clinic, actor: Actor, patient_id: UUID) -> tuple[list[Document], list[Event]]:
    """Return the organisation's own documents and visits of the patient."""
    organization_id = actor.organization_id
    values = {"organization_id": organization_id, "patient_id": patient_id}
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_patient(connection, organization_id, patient_id)
    async with tenant(clinic.databases.site, organization_id) as connection:
        rows = await (await connection.execute(sql["own_visits"], values)).fetchall()
    return documents, [Event("visit", started_at, doctor, organization_id) for started_at, doctor in rows]


def _events(actor: Actor, documents: list[Document]) -> list[Event]:
    return [
        Event("document", one.created_at, one.title, actor.organization_id, text=one.author_name, document_id=one.id)
        for one in documents
    ]


def _together(answer: Answer, own: list[Event], wanted: Wanted, waiting: frozenset[UUID]) -> Shown:
    """Combine the region's page with, on the first page only, the documents that have not reached the region yet."""
    there = {event.document_id for event in answer.events if event.kind == "document"}
    late = [one for one in own if one.document_id in waiting and one.document_id not in there]
    events = _narrowed([*late, *answer.events], wanted) if late and wanted.after is None else answer.events
    return Shown(events, answer.missing, answer.summary, answer.after, None, waiting - there)


def _narrowed(events: list[Event], wanted: Wanted) -> tuple[Event, ...]:
    """Filter as the region does: by kind, local day and words. The newest come first."""
    words = tidy(wanted.text).casefold()
    kept = [
        one
        for one in events
        if (not wanted.kinds or one.kind in wanted.kinds)
        and (wanted.since is None or one.at.astimezone().date() >= wanted.since)
        and (wanted.until is None or one.at.astimezone().date() <= wanted.until)
        and (not words or words in f"{one.title} {one.text or ''} {one.code or ''}".casefold())
    ]
    return tuple(sorted(kept, key=lambda one: one.at, reverse=True))


async def _row(connection: AsyncConnection, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchone() or {}
