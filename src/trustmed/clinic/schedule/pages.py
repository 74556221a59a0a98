"""Pages of the schedule: doctors and rooms, their weekly hours, making slots."""

import datetime as dt
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, cast
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.booking.model import VisitKind
from trustmed.clinic.desk import AnyRequest, FormWrong, actor_of, clinic_of, schedulers
from trustmed.clinic.schedule import hours as weekly
from trustmed.clinic.schedule import making, resources
from trustmed.clinic.schedule.model import Hours, NewHours
from trustmed.clinic.work import Trace, audited, tenant
from trustmed.errors import TrustMedError
from trustmed.web import i18n
from trustmed.web.forms import fields, uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

PERIOD_DAYS: Final = 14  # days in the period offered for making slots


@get("/")
async def resources_page(request: AnyRequest, done: FromQuery[str] = "") -> Response[str]:
    return await _render_resources(request, done=done)


@post("/doctors", status_code=200)
async def add_doctor(request: AnyRequest) -> Response[Any]:
    actor, given = actor_of(request), await fields(request)
    try:
        async with _audited_change(request) as (connection, _trace):
            employee_id = uuid_or_none(given.get("employee"))
            resource_id = await resources.add_doctor(
                connection, actor.organization_id, employee_id, given.get("room", "")
            )
    except TrustMedError as error:
        return await _render_resources(request, refusal=("doctor", error), given=given)
    return Redirect(f"/schedule/resources/{resource_id}", status_code=303)


@post("/rooms", status_code=200)
async def add_room(request: AnyRequest) -> Response[Any]:
    actor, given = actor_of(request), await fields(request)
    name, code, room = (given.get(field, "") for field in ("name", "speciality", "room"))
    try:
        async with _audited_change(request) as (connection, _trace):
            resource_id = await resources.add_room(connection, actor.organization_id, name, code, room)
    except TrustMedError as error:
        return await _render_resources(request, refusal=("room", error), given=given)
    return Redirect(f"/schedule/resources/{resource_id}", status_code=303)


@post("/slots", status_code=200)
async def make_slots(request: AnyRequest) -> Response[Any]:
    """Make the slots of a period, of everybody or of one resource."""
    actor, given = actor_of(request), await fields(request)
    only = uuid_or_none(given.get("resource"))
    try:
        first, last = _day(given, "first"), _day(given, "last")
        async with _audited_change(request, Action.SLOT_MAKE) as (connection, trace):
            counts = await making.make_slots(connection, actor.organization_id, first, last, only)
            trace.detail = f"{first}..{last}: {counts.made}"
    except TrustMedError as error:
        if only is not None:
            return await _render_resource(request, only, refusal=("slots", error), given=given)
        return await _render_resources(request, refusal=("slots", error), given=given)
    path = f"/{only}" if only else ""
    return Redirect(f"/schedule/resources{path}?done={counts.made}-{counts.shared}", status_code=303)


@get("/{resource_id:uuid}")
async def resource_page(request: AnyRequest, resource_id: FromPath[UUID], done: FromQuery[str] = "") -> Response[str]:
    return await _render_resource(request, resource_id, done=done)


@post("/{resource_id:uuid}", status_code=200)
async def change_resource(request: AnyRequest, resource_id: FromPath[UUID]) -> Response[Any]:
    actor, given = actor_of(request), await fields(request)
    is_off = given.get("off") == "1"
    try:
        async with _audited_change(request) as (connection, _trace):
            room = given.get("room", "")
            await resources.change(connection, actor.organization_id, resource_id, room, is_off=is_off)
    except TrustMedError as error:
        return await _render_resource(request, resource_id, refusal=("resource", error), given=given)
    return Redirect(f"/schedule/resources/{resource_id}", status_code=303)


@post("/{resource_id:uuid}/hours", status_code=200)
async def add_hours(request: AnyRequest, resource_id: FromPath[UUID]) -> Response[Any]:
    """Add the same hours on every ticked weekday: all of them or none."""
    actor, form = actor_of(request), await request.form()
    given = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    weekdays = [value for value in form.getall("weekday", []) if isinstance(value, str) and value in "1234567"]
    try:
        if not weekdays:
            raise FormWrong("weekday")
        new_hours = [_hours(given, int(weekday)) for weekday in weekdays]
        async with _audited_change(request) as (connection, _trace):
            for one in new_hours:
                await weekly.add(connection, actor.organization_id, resource_id, one)
    except TrustMedError as error:
        return await _render_resource(request, resource_id, refusal=("hours", error), given=given, weekdays=weekdays)
    return Redirect(f"/schedule/resources/{resource_id}", status_code=303)


@post("/{resource_id:uuid}/hours/{hours_id:uuid}/remove", status_code=200)
async def remove_hours(request: AnyRequest, resource_id: FromPath[UUID], hours_id: FromPath[UUID]) -> Response[Any]:
    actor = actor_of(request)
    async with _audited_change(request) as (connection, _trace):
        await weekly.remove(connection, actor.organization_id, resource_id, hours_id)
    return Redirect(f"/schedule/resources/{resource_id}", status_code=303)


def _audited_change(
    request: AnyRequest, action: Action = Action.SCHEDULE_CHANGE
) -> AbstractAsyncContextManager[tuple[AsyncConnection, Trace]]:
    return audited(clinic_of(request).databases, actor_of(request), action, ground="service")


Refusal = tuple[str, TrustMedError]
"""The form of the page that was refused, and why."""


async def _render_resources(
    request: AnyRequest, *, refusal: Refusal | None = None, given: dict[str, str] | None = None, done: str = ""
) -> Response[str]:
    organization_id = actor_of(request).organization_id
    async with tenant(clinic_of(request).databases.site, organization_id) as connection:
        everybody = await resources.resources(connection, organization_id)
        candidates = await resources.candidates(connection, organization_id)
        specialities = await resources.specialities(connection)
        hours = await weekly.of_organization(connection, organization_id)
    by_resource: dict[UUID, list[Hours]] = {}
    for one in hours:
        by_resource.setdefault(one.resource_id, []).append(one)
    return render(
        request,
        "schedule/resources.html",
        status=refusal[1].status if refusal else 200,
        resources=everybody,
        candidates=candidates,
        specialities=specialities,
        weeks={resource_id: _week(found) for resource_id, found in by_resource.items()},
        **_form_state(refusal, given, done),
    )


async def _render_resource(
    request: AnyRequest,
    resource_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    weekdays: list[str] | None = None,
    done: str = "",
) -> Response[str]:
    organization_id = actor_of(request).organization_id
    async with tenant(clinic_of(request).databases.site, organization_id) as connection:
        resource = await resources.get(connection, organization_id, resource_id)
        hours = await weekly.of_resource(connection, organization_id, resource_id)
    return render(
        request,
        "schedule/resource.html",
        status=refusal[1].status if refusal else 200,
        resource=resource,
        hours=hours,
        weekdays=weekdays or [],
        kinds=visit_kinds(),
        **_form_state(refusal, given, done),
    )


def _form_state(refusal: Refusal | None, given: dict[str, str] | None, done: str) -> dict[str, Any]:
    today = dt.datetime.now().astimezone().date()
    made, dash, shared = done.partition("-")
    return {
        "given": given or {},
        "wrong": refusal[0] if refusal else "",
        "refusal": refusal[1].text(i18n.current.get()) if refusal else "",
        "done": (int(made), int(shared)) if dash and made.isdecimal() and shared.isdecimal() else None,
        "today": today,
        "period_end": today + dt.timedelta(days=PERIOD_DAYS - 1),
        "days": weekdays(),
    }


def _week(hours: list[Hours]) -> list[tuple[str, str]]:
    """Return the short name and the times of each weekday, for the list."""
    found: dict[int, list[str]] = {}
    for one in hours:
        found.setdefault(one.weekday, []).append(f"{one.starts:%H:%M}\N{EN DASH}{one.ends:%H:%M}")
    return [(weekdays()[weekday - 1][:2], ", ".join(dict.fromkeys(times))) for weekday, times in sorted(found.items())]


def _hours(given: dict[str, str], weekday: int) -> NewHours:
    """Return the hours entered in the form. Raises FormWrong."""
    kind = given.get("visit_kind", "")
    if kind not in visit_kinds():
        raise FormWrong("visit_kind")
    minutes = given.get("minutes", "")
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) < 5):
        raise FormWrong("minutes")
    return NewHours(
        weekday=weekday,
        starts=_time(given, "starts"),
        ends=_time(given, "ends"),
        minutes=int(minutes),
        visit_kind=cast("VisitKind", kind),
        valid_from=_day(given, "valid_from"),
        valid_to=_day(given, "valid_to") if given.get("valid_to") else None,
        room=given.get("room") or None,
    )


def _time(given: dict[str, str], field: str) -> dt.time:
    try:
        return dt.time.fromisoformat(given.get(field, "")).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise FormWrong(field) from error


def _day(given: dict[str, str], field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given.get(field, ""))
    except ValueError as error:
        raise FormWrong(field) from error


def weekdays() -> tuple[str, ...]:
    """Return the names of weekdays, Monday first."""
    return (
        _("понедельник"),
        _("вторник"),
        _("среда"),
        _("четверг"),
        _("пятница"),
        _("суббота"),
        _("воскресенье"),
    )


def visit_kinds() -> dict[str, str]:
    """Return what slots can be for."""
    return {"any": _("любой приём"), "first": _("первичный"), "repeat": _("повторный")}


pages = Router(
    "/schedule/resources",
    route_handlers=[
        resources_page,
        add_doctor,
        add_room,
        make_slots,
        resource_page,
        change_resource,
        add_hours,
        remove_hours,
    ],
    guards=[schedulers],
    include_in_schema=False,
)
