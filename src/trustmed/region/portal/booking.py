"""`/portal/v1`: a citizen books themselves."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from trustmed.booking.model import BookingRequest
from trustmed.region.booking import service
from trustmed.region.booking.model import Caller
from trustmed.region.booking.views import (
    BookingsView,
    BookingView,
    CancelledView,
    FirstDay,
    LastDay,
    SlotsView,
    SpecialitiesView,
    Words,
    booking_view,
    bookings_view,
    days_of,
    slots_view,
    specialities_view,
)
from trustmed.region.citizens.admission import Admitted


class Booked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A slot to book. `request_id`: the portal's own; sent again it is the same booking.

    Name and birth date are those of the citizen's token.
    """

    organization_id: int
    slot_id: UUID
    request_id: UUID
    phone: str | None = None


class Cancelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    organization_id: int
    why: Words


@get("/specialities", summary="What can be booked where in the next two weeks")
async def list_specialities(request: Request[Any, Any, Any], asked: NamedDependency[Admitted]) -> SpecialitiesView:
    state = request.app.state
    return specialities_view(state.pools.topology, await service.specialities(state.pools, state.hot))


@get("/slots", summary="Free slots of an organisation")
async def list_slots(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    organization: FromQuery[int],
    speciality: FromQuery[str | None] = None,
    since: FirstDay = None,
    until: LastDay = None,
) -> SlotsView:
    state = request.app.state
    found = await service.free(state.pools, state.hot, organization, *days_of(since, until), speciality)
    return slots_view(found)


@post("/bookings", summary="Book a slot")
async def make_booking(
    request: Request[Any, Any, Any], asked: NamedDependency[Admitted], data: JSONBody[Booked]
) -> BookingView:
    """409 says why the slot cannot be booked, 422 which of the patient's data is missing."""
    state = request.app.state
    who = _caller(asked, data.phone)
    booking = await service.book(state.pools, state.hot, asked.reader, who, data.organization_id, _slot(asked, data))
    return booking_view(state.pools.topology, booking)


@get("/bookings", summary="The person's bookings, ended ones too, from 90 days ago on")
async def list_bookings(request: Request[Any, Any, Any], asked: NamedDependency[Admitted]) -> BookingsView:
    pools = request.app.state.pools
    return bookings_view(pools.topology, await service.bookings(pools, asked.reader, _caller(asked)))


@post("/bookings/{booking_id:uuid}/cancel", status_code=200, summary="Cancel, or ask the clinic to")
async def cancel_booking(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    booking_id: FromPath[UUID],
    data: JSONBody[Cancelled],
) -> CancelledView:
    state = request.app.state
    who = _caller(asked)
    result = await service.cancel(state.pools, state.hot, asked.reader, who, data.organization_id, booking_id, data.why)
    return CancelledView(result)


@post("/bookings/{booking_id:uuid}/move", summary="Another slot of the same organisation instead")
async def move_booking(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    booking_id: FromPath[UUID],
    data: JSONBody[Booked],
) -> BookingView:
    state = request.app.state
    who = _caller(asked, data.phone)
    booking = await service.move(
        state.pools, state.hot, asked.reader, who, data.organization_id, booking_id, _slot(asked, data)
    )
    return booking_view(state.pools.topology, booking)


HANDLERS: Final = (list_specialities, list_slots, make_booking, list_bookings, cancel_booking, move_booking)


def _caller(asked: Admitted, phone: str | None = None) -> Caller:
    """Return the citizen as a patient: as the token names them, which agrees with the person's cards."""
    who = asked.citizen
    return Caller(asked.person_id, who.surname, who.given_name, who.patronymic, who.birth_date, who.snils, phone)


def _slot(asked: Admitted, data: Booked) -> BookingRequest:
    reader = asked.reader
    return BookingRequest(data.slot_id, data.request_id, "portal", reader.actor, reader.actor_name)
