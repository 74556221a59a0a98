"""`/api/v1/booking`: booking for other programs: the call centre (scope `booking`), the federal level (`federal`)."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from trustmed.booking.model import BookingRequest, Channel
from trustmed.errors import TrustMedError
from trustmed.patient.snils import normalise_snils
from trustmed.region.access.entry import ScopeNeeded, client_guard, client_of, reader_of, refusal_response
from trustmed.region.access.model import Reader
from trustmed.region.booking import service
from trustmed.region.booking.errors import OperatorNeeded
from trustmed.region.booking.model import Caller
from trustmed.region.booking.patient import Given, caller_of
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
from trustmed.web.limits import JSON_BODY

CITIZEN: Final = Reader("", "", "portal", "own")
SERVICE: Final = Reader("", "", "region", "service")


class Patient(Given, frozen=True, forbid_unknown_fields=True, kw_only=True):
    snils: str | None = None


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator who books, as the call centre's own system knows them."""

    id: Words
    name: Words


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request about a patient by an operator; without an operator it comes from the federal level for the citizen."""

    patient: Patient
    operator: Operator | None = None


class Booked(About, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`request_id` is the client's own; sent again it is the same booking. `allowed`: why rules are set aside."""

    organization_id: int
    slot_id: UUID
    request_id: UUID
    allowed: Words | None = None


class Cancelled(About, frozen=True, forbid_unknown_fields=True, kw_only=True):
    organization_id: int
    why: Words


class Side(msgspec.Struct, frozen=True):
    """The client, its channel, and the patient it asks about."""

    reader: Reader
    channel: Channel
    caller: Caller

    def asked(self, data: Booked) -> BookingRequest:
        reader = self.reader
        return BookingRequest(
            data.slot_id, data.request_id, self.channel, reader.actor, reader.actor_name, data.allowed
        )


@get("/specialities", summary="What can be booked where in the next two weeks")
async def list_specialities(request: Request[Any, Any, Any]) -> SpecialitiesView:
    state = request.app.state
    return specialities_view(state.pools.topology, await service.specialities(state.pools, state.hot))


@get("/slots", summary="Free slots of an organisation")
async def list_slots(
    request: Request[Any, Any, Any],
    organization: FromQuery[int],
    speciality: FromQuery[str | None] = None,
    since: FirstDay = None,
    until: LastDay = None,
) -> SlotsView:
    state = request.app.state
    found = await service.free(state.pools, state.hot, organization, *days_of(since, until), speciality)
    return slots_view(found)


@post("/bookings", summary="Book a slot for a patient")
async def make_booking(request: Request[Any, Any, Any], data: JSONBody[Booked]) -> BookingView:
    """409 says why the slot cannot be booked, 422 which of the patient's data is missing."""
    state, side = request.app.state, await _side(request, data, named=True)
    booking = await service.book(
        state.pools, state.hot, side.reader, side.caller, data.organization_id, side.asked(data)
    )
    return booking_view(state.pools.topology, booking)


@post("/bookings/find", status_code=200, summary="A patient's bookings: in the body, to keep the СНИЛС out of logs")
async def find_bookings(request: Request[Any, Any, Any], data: JSONBody[About]) -> BookingsView:
    pools, side = request.app.state.pools, await _side(request, data)
    return bookings_view(pools.topology, await service.bookings(pools, side.reader, side.caller))


@post("/bookings/{booking_id:uuid}/cancel", status_code=200, summary="Cancel, or ask the clinic to")
async def cancel_booking(
    request: Request[Any, Any, Any], booking_id: FromPath[UUID], data: JSONBody[Cancelled]
) -> CancelledView:
    state, side = request.app.state, await _side(request, data)
    result = await service.cancel(
        state.pools, state.hot, side.reader, side.caller, data.organization_id, booking_id, data.why
    )
    return CancelledView(result)


@post("/bookings/{booking_id:uuid}/move", summary="Another slot of the same organisation instead")
async def move_booking(
    request: Request[Any, Any, Any], booking_id: FromPath[UUID], data: JSONBody[Booked]
) -> BookingView:
    state, side = request.app.state, await _side(request, data, named=True)
    booking = await service.move(
        state.pools, state.hot, side.reader, side.caller, data.organization_id, booking_id, side.asked(data)
    )
    return booking_view(state.pools.topology, booking)


async def _side(request: Request[Any, Any, Any], about: About, *, named: bool = False) -> Side:
    """Return who asks. Raises ScopeNeeded, OperatorNeeded, SnilsRefused."""
    client, reader = client_of(request), reader_of(request, SERVICE)
    if about.operator is not None:
        if "booking" not in client.scopes:
            raise ScopeNeeded(client.name, "booking")
        reader = msgspec.structs.replace(
            reader, actor=about.operator.id, actor_name=about.operator.name, detail=client.name
        )
    elif "federal" not in client.scopes:
        raise OperatorNeeded
    else:
        reader = msgspec.structs.replace(CITIZEN, actor=reader.actor, actor_name=reader.actor_name)
    snils = normalise_snils(about.patient.snils) if about.patient.snils else None
    caller = await caller_of(request.app.state.pools, reader, snils, about.patient, named=named)
    return Side(reader, "call_centre" if about.operator else "federal", caller)


def booking_api() -> Router:
    return Router(
        "/api/v1/booking",
        route_handlers=[list_specialities, list_slots, make_booking, find_bookings, cancel_booking, move_booking],
        request_max_body_size=JSON_BODY,
        guards=[client_guard(SERVICE, "booking", "federal")],
        exception_handlers={TrustMedError: refusal_response},
        opt={"machine_only": True, "exclude_from_csrf": True},
        tags=["booking"],
        security=[{"client_token": []}],
    )
