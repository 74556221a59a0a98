"""Pages of the schedule: the grid of a day, the free slots of two weeks, a doctor's own day."""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromQuery

from trustmed.audit.actions import Action
from trustmed.booking.model import is_schedulable, local_day
from trustmed.clinic.booking import day as days
from trustmed.clinic.booking import grid, service, tasks
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors, medical
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.schedule import resources as schedule
from trustmed.clinic.schedule.model import Resource
from trustmed.clinic.work import audited
from trustmed.web.forms import day_or_none, uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

AHEAD_DAYS: Final = 14  # days covered by the list of free slots
MOST_FREE: Final = 200

MARKS: Final = {
    "free": "f",
    "booked": "b",
    "region": "r",
    "region_booked": "q",
    "withdrawn": "w",
    "past": "p",
}
"""State of a cell -> its CSS class; single letters, because a page of a day has more than a thousand cells."""


@get("/schedule")
async def day_page(
    request: AnyRequest,
    day: FromQuery[str] = "",
    speciality: FromQuery[str] = "",
    resource: FromQuery[str] = "",
    patient: FromQuery[str] = "",
) -> Response[str]:
    """Show everybody's slots of a day. Once a patient is chosen, a free slot leads to booking it for that patient."""
    actor, clinic = actor_of(request), clinic_of(request)
    shown, resource_id, patient_id = day_or_today(day), uuid_or_none(resource), uuid_or_none(patient)
    async with audited(clinic.databases, actor, Action.SCHEDULE_READ, patient_id=patient_id) as (connection, trace):
        trace.detail = shown.isoformat()
        everybody = await schedule.resources(connection, actor.organization_id)
        cells = await days.cells_of_day(connection, actor.organization_id, shown, speciality or None, resource_id)
        trace.shown = days.patients_in(cells)
        card = await patients.get(connection, actor.organization_id, patient_id) if patient_id else None
        waiting = await tasks.count_tasks(connection, actor.organization_id)
    by_id = {one.id: one for one in everybody}
    chosen = {"speciality": speciality, "resource": resource, "patient": patient}
    return render(
        request,
        "booking/day.html",
        fragment="day",
        day=shown,
        today=today(),
        weekday=weekdays()[shown.weekday()],
        grid=grid.grid(cells, by_id),
        marks=MARKS,
        states=states(),
        patient=card,
        waiting=waiting,
        link=_linker("/schedule", {"day": shown.isoformat(), **chosen}),
        before=(shown - dt.timedelta(days=1)).isoformat(),
        after=(shown + dt.timedelta(days=1)).isoformat(),
        short=grid.short_name,
        **_filters(everybody, speciality, resource_id),
    )


@get("/schedule/free")
async def free_page(
    request: AnyRequest,
    since: FromQuery[str] = "",
    speciality: FromQuery[str] = "",
    resource: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    move: FromQuery[str] = "",
) -> Response[str]:
    """Show the free slots of two weeks; with `move`, the slots a booking can be moved to."""
    actor, clinic = actor_of(request), clinic_of(request)
    organization_id = actor.organization_id
    first, moved_id = day_or_today(since), uuid_or_none(move)
    resource_id, patient_id = uuid_or_none(resource), uuid_or_none(patient)
    begins = max(local_day(first)[0], dt.datetime.now(dt.UTC))
    until = local_day(first + dt.timedelta(days=AHEAD_DAYS))[0]
    async with audited(clinic.databases, actor, Action.SCHEDULE_READ, patient_id=patient_id) as (connection, trace):
        trace.detail = f"{first}+{AHEAD_DAYS}"
        everybody = await schedule.resources(connection, organization_id)
        card = await patients.get(connection, organization_id, patient_id) if patient_id else None
        booking = await service.get(connection, organization_id, moved_id) if moved_id else None
        if booking and not request.query_params.get("speciality") and resource_id is None:
            speciality = next((one.speciality_code for one in everybody if one.id == booking.resource_id), "")
        found = await days.free_slots(
            connection, organization_id, begins, until, speciality or None, resource_id, limit=MOST_FREE + 1
        )
    return render(
        request,
        "booking/free.html",
        fragment="free",
        since=first,
        today=today(),
        days=grid.free_days(found[:MOST_FREE]),
        weekdays=weekdays(),
        is_cut=len(found) > MOST_FREE,
        most=MOST_FREE,
        until=first + dt.timedelta(days=AHEAD_DAYS - 1),
        patient=card,
        moved=booking,
        after=(first + dt.timedelta(days=AHEAD_DAYS)).isoformat(),
        before=(first - dt.timedelta(days=AHEAD_DAYS)).isoformat(),
        link=_linker(
            "/schedule/free",
            {"since": first.isoformat(), "speciality": speciality, "resource": resource}
            | {"patient": patient, "move": move},
        ),
        onward=_onward(card, moved_id),
        **_filters(everybody, speciality, resource_id),
    )


@get("/schedule/mine", guards=[doctors])
async def mine_page(request: AnyRequest, day: FromQuery[str] = "") -> Response[str]:
    """Show the acting doctor's own day."""
    actor, clinic = actor_of(request), clinic_of(request)
    shown = day_or_today(day)
    async with audited(clinic.databases, actor, Action.SCHEDULE_READ) as (connection, trace):
        trace.detail = shown.isoformat()
        everybody = await schedule.resources(connection, actor.organization_id)
        own = [one.id for one in everybody if actor.employee_id and one.employee_id == actor.employee_id]
        cells: list[days.Cell] = []
        for resource_id in own:
            cells += await days.cells_of_day(connection, actor.organization_id, shown, None, resource_id)
        trace.shown = days.patients_in(cells)
    return render(
        request,
        "booking/mine.html",
        day=shown,
        today=today(),
        weekday=weekdays()[shown.weekday()],
        is_known=bool(own),
        cells=sorted(cells, key=lambda cell: cell.slot.starts_at),
        states=states(),
        marks=MARKS,
        link=_linker("/schedule/mine", {"day": shown.isoformat()}),
        before=(shown - dt.timedelta(days=1)).isoformat(),
        after=(shown + dt.timedelta(days=1)).isoformat(),
    )


def today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def day_or_today(text: str) -> dt.date:
    """Return the day given in an address, or today if it is none. A day too far off for any zone's rules is none."""
    found = day_or_none(text)
    return found if found is not None and is_schedulable(found) else today()


def states() -> dict[str, str]:
    """Return the names that the grid and its legend give to the states of a cell."""
    return {
        "free": _("свободно"),
        "booked": _("записан"),
        "region": _("у региона"),
        "region_booked": _("записан через регион"),
        "withdrawn": _("снято"),
        "past": _("прошло"),
    }


def weekdays() -> tuple[str, ...]:
    """Return short names of weekdays, Monday first."""
    return (_("пн"), _("вт"), _("ср"), _("чт"), _("пт"), _("сб"), _("вс"))


def _filters(everybody: list[Resource], speciality: str, resource_id: UUID | None) -> dict[str, Any]:
    """Return the choices offered by the filter form of a schedule."""
    active = [one for one in everybody if one.disabled_at is None]
    return {
        "specialities": {one.speciality_code: one.speciality for one in active},
        "resources": [one for one in active if speciality in ("", one.speciality_code)],
        "speciality": speciality,
        "resource_id": resource_id,
    }


def _onward(patient: Patient | None, moved_id: UUID | None) -> str:
    """Return the query string that links to slots carry on: the booking being moved, or the chosen patient."""
    if moved_id:
        return f"?move={moved_id}"
    return f"?patient={patient.id}" if patient else ""


def _linker(path: str, parameters: dict[str, str]) -> Any:
    """Return a function that builds addresses of this page with some parameters changed."""

    def link(**changed: str) -> str:
        return f"{path}?{urlencode({name: value for name, value in {**parameters, **changed}.items() if value})}"

    return link


pages = Router("/", route_handlers=[day_page, free_page, mine_page], guards=[medical], include_in_schema=False)
