"""What the pages and APIs of every part of a site take from a request."""

import re
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, note
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import tenant
from trustmed.errors import InputRefused
from trustmed.web import i18n
from trustmed.web.guards import Guard, RoleNeeded, role_is
from trustmed.web.i18n import gettext as _
from trustmed.web.identity import identity_of, role_open_to

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
QUOTED: Final = re.compile("`([^`]*)`")
MEDICAL: Final = ("doctor", "registrar", "head")


def _roles(*roles: str) -> Guard:
    """Return a guard that admits staff of these roles only; other attempts are refused and audited."""
    let_in = role_is(*roles)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        try:
            await let_in(connection, handler)
        except RoleNeeded as refusal:
            await _note_refusal(connection, refusal)
            raise

    return guard


medical = _roles(*MEDICAL)
doctors = _roles("doctor")
registrars = _roles("doctor", "registrar")
doctors_and_heads = _roles("doctor", "head")
heads = _roles("head")
schedulers = _roles("registrar", "head")


class NoOrganization(InputRefused):
    """The session has no organisation, so it is not a site's."""


class FormWrong(InputRefused):
    """A field of a form cannot be read; `field` is its name, `label` what the page calls it (ru, en)."""

    def __init__(self, field: str, label: tuple[str, str] | None = None) -> None:
        ru, en = label or LABELS.get(field, (field, field))
        super().__init__(
            f"Поле «{ru}» не заполнено или заполнено неверно.", f"“{en}” is left empty or filled in wrongly."
        )
        self.field = field


LABELS: Final = {
    "birth_date": ("Дата рождения", "Date of birth"),
    "sex": ("Пол", "Sex"),
    "valid_until": ("Действует по", "In force through"),
    "weekday": ("Дни недели", "Weekdays"),
    "visit_kind": ("Приём", "Visits"),
    "minutes": ("Минут на пациента", "Minutes a patient"),
    "starts": ("Начало", "Start"),
    "ends": ("Конец", "End"),
    "valid_from": ("Действуют с", "Valid from"),
    "valid_to": ("По день", "Last day"),
    "first": ("С дня", "First day"),
    "last": ("По день", "Last day"),
    "why": ("Причина", "Reason"),
    "how": ("Что сделано", "What was done"),
    "slot": ("Время", "Time"),
    "patient": ("Пациент", "Patient"),
    "outcome": ("Явка", "Attendance"),
}
"""What the pages call the fields of their forms that can be filled in wrongly (ru, en)."""


def clinic_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Clinic:
    return connection.app.state.clinic


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Return who acts. Raises NotSignedIn, NoOrganization."""
    identity = identity_of(connection)
    if identity.organization_id is None:
        raise NoOrganization("Войдите заново.", "Sign in again.")
    return Actor(str(identity.account_id), identity.name, identity.role, identity.organization_id, identity.employee_id)


async def _note_refusal(connection: ASGIConnection[Any, Any, Any, Any], refusal: RoleNeeded) -> None:
    actor, named = actor_of(connection), connection.path_params
    refused = Event(
        Action.ROUTE_OPEN,
        "refused",
        "own",
        f"{refusal.code} {connection.scope.get('method')} {connection.scope.get('path_template')}",
        named.get("patient_id"),
        named.get("document_id") or named.get("draft_id"),
    )
    async with tenant(clinic_of(connection).databases.site, actor.organization_id) as database:
        await note(database, actor, refused)


def read(given: object, kind: type[T]) -> T:
    """Convert a form's values. Raises FormWrong naming the wrong field."""
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        named = QUOTED.findall(str(error))
        raise FormWrong(named[-1].strip("$.") if named else "?") from error


def layout(request: AnyRequest) -> dict[str, Any]:
    """Return what the base template shows around every page of a site."""
    clinic = clinic_of(request)
    identity = request.scope.get("user")
    title = (clinic.site.title_en if i18n.current.get() == "en" else None) or clinic.site.title
    menu: list[tuple[str, str]] = []
    role = role_open_to(identity)
    is_medical = role in MEDICAL
    if is_medical:
        menu.append(("/patients", _("Пациенты")))
        menu.append(("/schedule", _("Запись")))
        menu.append(("/nsi", _("Справочники")))
    if role == "head":
        menu.append(("/audit", _("Журнал доступа")))
    organization_id = identity.organization_id if identity is not None else None
    return {
        "site_title": title,
        "menu": menu,
        "menu_asks": {"/audit": "/audit/break-glass/count", "/schedule": "/tasks/count"},
        "banners": link_banners(clinic, organization_id),
        "banners_address": "/link" if is_medical else None,
    }


def link_banners(clinic: Clinic, organization_id: int | None) -> list[dict[str, str]]:
    """Return the state of the link with the region, if there is something to say about it."""
    view = clinic.link.view
    waiting = view.waiting.get(organization_id, 0) if organization_id is not None else 0
    count = _("Ждут передачи: %(count)s.") % {"count": waiting} if waiting else ""
    if view.state == "cut" and view.documents_pass:
        return [{"kind": "wait", "text": _("Нет связи с частью региона. Документы передаются, остальное — позже.")}]
    if view.state == "cut":
        return [{"kind": "wait", "text": " ".join((_("Нет связи с регионом, документы будут переданы."), count))}]
    if view.state == "absent":
        return [{"kind": "wait", "text": " ".join((_("Связь с регионом ещё не настроена."), count))}]
    return []


def hand_over(clinic: Clinic, signed_at: datetime) -> dict[str, str]:
    """Return, as a state to show, whether a document is at the region; if not, the page asks again by `signed_at`."""
    if clinic.link.view.has(signed_at):
        return {"kind": "good", "text": _("передан в регион"), "signed_at": ""}
    return {"kind": "wait", "text": _("ждёт передачи"), "signed_at": signed_at.isoformat()}
