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
from trustmed.clinic.record.model import Answer, Event, Filters, Reason, TimelinePage
from trustmed.clinic.record.region import GroundUnclear, RegionAway, RegionRecord, Staff
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import Databases, answering, audited, tenant
from trustmed.db.async_rows import find_rows
from trustmed.db.queries import load
from trustmed.errors import Forbidden, InputRefused
from trustmed.patient.writing import tidy
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.web import i18n

sql = load(__package__)

TREATS_DAYS: Final = 365
EMERGENCY_HOURS: Final = 1
LAST_VISIT_DAYS: Final = 30
"""Visits this recent are told to the region, which takes them while its own part that knows visits is away."""


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
    last_visit: dt.datetime | None = None
    last_visit_of_another: dt.datetime | None = None
    emergency: str | None = None

    def reason(self) -> Reason | None:
        """Return the ground that the doctor took in words, else the strongest, if there is any."""
        if self.emergency is not None:
            return Reason("break_glass", self.emergency)
        for word, moment in (("visit", self.visit), ("booking", self.own_booking), ("booking", self.region_booking)):
            if moment is not None:
                return Reason("treatment", f"{word} {moment.astimezone():%d.%m.%Y}")
        return Reason("consent") if self.consent else None


class RecordAccess(msgspec.Struct, frozen=True):
    """The patient and the ground on which the record is open; `reason` None means it is not open."""

    patient: Patient
    staff: Staff
    reason: Reason | None


def checked_reason(typed: str) -> str:
    """Return the tidied reason for a break-glass access. Raises ReasonTooShort."""
    words = emergency_reason(typed)
    if words is None:
        raise ReasonTooShort
    return words


async def find_access(clinic: Clinic, actor: Actor, patient_id: UUID) -> RecordAccess:
    """Find the ground on which the actor's organisation may read the record. Raises PatientMissing (audited)."""
    organization_id = actor.organization_id
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "days": TREATS_DAYS,
        "actor": actor.account,
        "action": Action.RECORD_EMERGENCY.value,
        "hours": EMERGENCY_HOURS,
        "last_days": LAST_VISIT_DAYS,
        "employee_id": actor.employee_id,
        "positions": FORM_DICTIONARIES["position"],
    }
    async with (
        answering(clinic.databases, actor, Action.RECORD_READ, patient_id=patient_id),
        tenant(clinic.databases.site, organization_id) as connection,
    ):
        patient = await patients.get(connection, organization_id, patient_id)
        relation = msgspec.convert(await _find_row(connection, "relation", values), Relation)
        employee = await _find_row(connection, "position", values)
    position = str(employee.get("position") or actor.role)
    visit = relation.last_visit_of_another or relation.last_visit
    day = visit.astimezone(dt.UTC).date() if visit else None
    staff = Staff(actor, position, day, relation.last_visit_of_another is not None)
    return RecordAccess(patient, staff, relation.reason())


async def break_glass(clinic: Clinic, actor: Actor, patient_id: UUID, typed: str) -> None:
    """Open the record in an emergency, for EMERGENCY_HOURS; the clinic's head is shown this.

    Raises PatientMissing, ReasonTooShort (both audited).
    """
    async with audited(
        clinic.databases, actor, Action.RECORD_EMERGENCY, ground="break_glass", patient_id=patient_id
    ) as (connection, trace):
        await patients.get(connection, actor.organization_id, patient_id)
        trace.detail = checked_reason(typed)


async def timeline(
    clinic: Clinic, region: RegionRecord, actor: Actor, access: RecordAccess, filters: Filters
) -> TimelinePage:
    """Return a page of the timeline and audit the reading. Raises GroundNeeded, RegionRefuses (both audited).

    What only a new visit of the reader opens is listed for the head. If the region does not answer, return the site's
    own part and say so.
    """
    patient_id, reason = access.patient.id, access.reason
    if reason is None:
        async with answering(clinic.databases, actor, Action.RECORD_READ, patient_id=patient_id):
            raise GroundNeeded
    await _note(clinic.databases, actor, Action.RECORD_READ, patient_id, None, reason)
    documents, visits = await _find_own(clinic, actor, patient_id)
    waiting = frozenset(one.id for one in documents if not clinic.link.view.has(one.signed_at))
    try:
        async with answering(clinic.databases, actor, Action.RECORD_READ, ground=reason.ground, patient_id=patient_id):
            answer = await region.timeline(access.staff, patient_id, reason, filters)
    except RegionAway as away:
        events = _filter_events([*_document_events(actor, documents), *visits], filters)
        unclear = isinstance(away, GroundUnclear)
        text = away.text(i18n.current.get())
        return TimelinePage(events, region_away=text, waiting=waiting, offers_emergency=unclear)
    if answer.ground.narrow:
        await _tell_head(clinic.databases, actor, patient_id)
    return _merge(answer, _document_events(actor, documents), filters, waiting)


async def content(clinic: Clinic, region: RegionRecord, actor: Actor, access: RecordAccess, document_id: UUID) -> bytes:
    """Return the exact bytes of a document of the patient, from any clinic.

    Raises GroundNeeded, RegionAway, RegionRefuses.
    """
    patient_id, reason = access.patient.id, access.reason
    async with answering(
        clinic.databases, actor, Action.RECORD_DOCUMENT, patient_id=patient_id, document_id=document_id
    ):
        if reason is None:
            raise GroundNeeded
        found = await region.content(access.staff, patient_id, reason, document_id)
    await _note(clinic.databases, actor, Action.RECORD_DOCUMENT, patient_id, document_id, reason)
    return found


async def _tell_head(databases: Databases, actor: Actor, patient_id: UUID) -> None:
    """List the reading for the head, before it is shown: only the doctor's own new visit stands for it."""
    values = {
        "organization_id": actor.organization_id,
        "patient_id": patient_id,
        "account": actor.account,
        "reader_name": actor.name,
    }
    async with audited(databases, actor, Action.RECORD_NEW_VISIT, patient_id=patient_id) as (connection, _):
        await connection.execute(sql["tell_head"], values)


async def _note(
    databases: Databases, actor: Actor, action: Action, patient_id: UUID, document_id: UUID | None, reason: Reason
) -> None:
    async with audited(
        databases, actor, action, ground=reason.ground, patient_id=patient_id, document_id=document_id
    ) as (_, trace):
        trace.detail = reason.detail


async def _find_own(clinic: Clinic, actor: Actor, patient_id: UUID) -> tuple[list[Document], list[Event]]:
    """Return the organisation's own documents and visits of the patient."""
    organization_id = actor.organization_id
    values = {"organization_id": organization_id, "patient_id": patient_id}
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_patient(connection, organization_id, patient_id)
    async with tenant(clinic.databases.site, organization_id) as connection:
        rows = await find_rows(connection, sql["own_visits"], values)
    return documents, [Event("visit", row["started_at"], row["doctor_name"], organization_id) for row in rows]


def _document_events(actor: Actor, documents: list[Document]) -> list[Event]:
    return [
        Event("document", one.created_at, one.title, actor.organization_id, text=one.author_name, document_id=one.id)
        for one in documents
    ]


def _merge(answer: Answer, own: list[Event], filters: Filters, waiting: frozenset[UUID]) -> TimelinePage:
    """Combine the region's page with, on the first page only, the documents that have not reached the region yet."""
    there = {event.document_id for event in answer.events if event.kind == "document"}
    late = [one for one in own if one.document_id in waiting and one.document_id not in there]
    events = _filter_events([*late, *answer.events], filters) if late and filters.after is None else answer.events
    return TimelinePage(
        events, answer.missing, answer.summary, answer.after, None, waiting - there, taken=answer.ground
    )


def _filter_events(events: list[Event], filters: Filters) -> tuple[Event, ...]:
    """Filter as the region does: by kind, local day and words. The newest come first."""
    words = tidy(filters.text).casefold()
    kept = [
        one
        for one in events
        if (not filters.kinds or one.kind in filters.kinds)
        and (filters.since is None or one.at.astimezone().date() >= filters.since)
        and (filters.until is None or one.at.astimezone().date() <= filters.until)
        and (not words or words in f"{one.title} {one.text or ''} {one.code or ''}".casefold())
    ]
    return tuple(sorted(kept, key=lambda one: one.at, reverse=True))


async def _find_row(connection: AsyncConnection, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchone() or {}
