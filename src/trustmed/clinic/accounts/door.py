"""Sign a site's staff in and out; both are audited."""

from trustmed.audit.actions import Action
from trustmed.audit.trail import Event, note
from trustmed.clinic.accounts.model import SignedIn
from trustmed.clinic.accounts.service import note_lockout, sign_in
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import tenant
from trustmed.web.account import Identity
from trustmed.web.entering import Door, Recognised


async def _recognise(request: AnyRequest, login: str, password: str) -> Recognised:
    clinic = clinic_of(request)
    return Recognised(_identity(clinic, await sign_in(clinic.databases, clinic.home, login, password)))


async def _note_sign_out(request: AnyRequest) -> None:
    actor = actor_of(request)
    async with tenant(clinic_of(request).databases.site, actor.organization_id) as connection:
        await note(connection, actor, Event(Action.SESSION_CLOSE, ground="own"))


def _identity(clinic: Clinic, signed_in: SignedIn) -> Identity:
    account = signed_in.account
    return Identity(
        account_id=account.id,
        login=account.login,
        name=signed_in.employee.full_name,
        role=account.role,
        language=account.language,
        organization_id=account.organization_id,
        organization_title=clinic.organization(account.organization_id).title,
        employee_id=account.employee_id,
        owes="password" if account.is_password_temporary else None,
    )


async def _note_lockout(request: AnyRequest, login: str) -> None:
    clinic = clinic_of(request)
    await note_lockout(clinic.databases, clinic.home, login, request.client.host if request.client else None)


DOOR = Door(_recognise, _note_sign_out, _note_lockout)
