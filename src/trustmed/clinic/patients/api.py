"""Patients for programs."""

from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, medical, registrars
from trustmed.clinic.patients import service
from trustmed.clinic.patients.model import Found, Patient, PatientData
from trustmed.clinic.patients.similar import Entry, audit_detail, find_similar
from trustmed.clinic.work import audited
from trustmed.patient.writing import tidy
from trustmed.web import i18n


class Registered(msgspec.Struct, frozen=True):
    id: UUID


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`line`: the beginning of a name, СНИЛС, policy number or date of birth. `after`: the last id shown."""

    line: str = ""
    after: UUID | None = None


@post("/find", status_code=200)
async def find_patients(request: AnyRequest, data: JSONBody[Wanted]) -> Found:
    """Find patients; an empty line finds everybody."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.PATIENT_SEARCH) as (connection, trace):
        trace.detail = tidy(data.line)[:200] or None
        found = await service.find(connection, actor.organization_id, data.line, data.after)
        trace.shown = tuple(one.id for one in found.patients)
    return found


@get("/{patient_id:uuid}")
async def read_patient(request: AnyRequest, patient_id: FromPath[UUID]) -> Patient:
    """Read a patient's card."""
    actor = actor_of(request)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.PATIENT_READ, patient_id=patient_id) as (connection, _):
        return await service.get(connection, actor.organization_id, patient_id)


class SimilarView(msgspec.Struct, frozen=True):
    """`weight` in bits. `certain`: registering would likely make a second card. `conflicts`: what speaks against it."""

    patient: Patient
    weight: float
    certain: bool
    reason: str
    conflicts: tuple[str, ...]


class SimilarFound(msgspec.Struct, frozen=True):
    similar: list[SimilarView]


@post("/similar", guards=[registrars], status_code=200)
async def similar_patients(request: AnyRequest, data: JSONBody[Entry]) -> SimilarFound:
    """Find patients of the organisation who may be the person being entered; nothing is stored."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.PATIENT_SIMILAR) as (connection, trace):
        found = await find_similar(connection, actor.organization_id, data)
        trace.detail = audit_detail(found)
        trace.shown = tuple(one.patient.id for one in found)
    language = i18n.current.get()
    return SimilarFound(
        [
            SimilarView(one.patient, one.weight, one.certain, one.reason(language), tuple(one.comparison.conflicts))
            for one in found
        ]
    )


@post("/", guards=[registrars])
async def register_patient(request: AnyRequest, data: JSONBody[PatientData]) -> Registered:
    """Register a new patient."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.PATIENT_REGISTER) as (connection, trace):
        trace.patient_id = await service.register(connection, actor.organization_id, data)
    return Registered(trace.patient_id)


api = Router(
    "/patients",
    route_handlers=[find_patients, read_patient, similar_patients, register_patient],
    guards=[medical],
    tags=["patients"],
)
