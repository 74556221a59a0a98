"""Consents on the patient's card: record one, revoke one."""

import datetime as dt
from uuid import UUID

from litestar import Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.consents import service
from trustmed.clinic.desk import AnyRequest, FormWrong, actor_of, clinic_of, registrars
from trustmed.clinic.work import audited
from trustmed.web.forms import fields


@post("/patients/{patient_id:uuid}/consents", status_code=303)
async def give_consent(request: AnyRequest, patient_id: FromPath[UUID]) -> Redirect:
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    until = _day(given.get("valid_until", "").strip())
    async with audited(clinic.databases, actor, Action.CONSENT_GIVE, patient_id=patient_id) as (connection, _):
        await service.give(connection, actor, patient_id, until)
    return _back_to_card(patient_id)


@post("/patients/{patient_id:uuid}/consents/{consent_id:uuid}/revoke", status_code=303)
async def revoke_consent(request: AnyRequest, patient_id: FromPath[UUID], consent_id: FromPath[UUID]) -> Redirect:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.CONSENT_REVOKE, patient_id=patient_id) as (connection, _):
        await service.revoke(connection, actor, patient_id, consent_id)
    return _back_to_card(patient_id)


def _back_to_card(patient_id: UUID) -> Redirect:
    return Redirect(f"/patients/{patient_id}#consent", status_code=303)


def _day(text: str) -> dt.date | None:
    """Return the day entered in a form, None if the field is empty. Raises FormWrong."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise FormWrong("valid_until") from error


pages = Router("/", route_handlers=[give_consent, revoke_consent], guards=[registrars], include_in_schema=False)
