"""What the interfaces of booking take and return."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from trustmed.booking.model import Booking
from trustmed.region.booking.errors import DaysRefused
from trustmed.region.booking.free import LONGEST_DAYS
from trustmed.region.booking.model import FreeSlot, Speciality
from trustmed.region.organizations import OrganizationView, organization_view
from trustmed.topology.file.spec import Topology

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
FirstDay = Annotated[
    str | None, QueryParameter(name="from", description="First day, like 2026-11-05; today by default")
]
LastDay = Annotated[str | None, QueryParameter(name="to", description="Last day; a week by default")]


class SlotView(msgspec.Struct, frozen=True):
    """A free slot. `speciality_code`: dictionary 1.2.643.5.1.13.13.11.1002."""

    organization_id: int
    slot_id: UUID
    kind: Literal["doctor", "room"]
    starts_at: dt.datetime
    ends_at: dt.datetime
    visit_kind: str
    speciality_code: str
    speciality: str
    name: str
    room: str | None


class SlotsView(msgspec.Struct, frozen=True):
    slots: list[SlotView]


class SpecialityView(msgspec.Struct, frozen=True):
    """`count` free slots, the nearest at `nearest_at`."""

    organization: OrganizationView
    code: str
    name: str
    nearest_at: dt.datetime
    nearest_slot_id: UUID
    count: int


class SpecialitiesView(msgspec.Struct, frozen=True):
    specialities: list[SpecialityView]


class BookingView(msgspec.Struct, frozen=True):
    """A booking. `state`: whether it is in force. `can_move`: the region made it and may move it."""

    id: UUID
    organization: OrganizationView
    slot_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    speciality: str
    name: str
    room: str | None
    channel: str
    booked_at: dt.datetime
    state: Literal["active", "cancelled", "moved"]
    ended_why: str | None
    can_move: bool


class BookingsView(msgspec.Struct, frozen=True):
    bookings: list[BookingView]


class CancelledView(msgspec.Struct, frozen=True):
    """ "asked": the clinic made the booking and was asked to cancel it."""

    result: Literal["cancelled", "asked"]


def days_of(since: str | None, until: str | None) -> tuple[dt.date, dt.date]:
    """Return the first and the last day asked for; by default a week from today. Raises DaysRefused."""
    try:
        first = dt.date.fromisoformat(since) if since else dt.datetime.now().astimezone().date()
        return first, dt.date.fromisoformat(until) if until else first + dt.timedelta(days=6)
    except (ValueError, OverflowError) as error:
        raise DaysRefused(LONGEST_DAYS) from error


def slots_view(found: tuple[FreeSlot, ...]) -> SlotsView:
    names = SlotView.__struct_fields__
    return SlotsView([SlotView(**{name: getattr(slot, name) for name in names}) for slot in found])


def specialities_view(topology: Topology, found: tuple[Speciality, ...]) -> SpecialitiesView:
    return SpecialitiesView(
        [
            SpecialityView(
                organization_view(topology, one.organization_id),
                *(one.code, one.name, one.nearest_at, one.nearest_slot_id, one.count),
            )
            for one in found
        ]
    )


def booking_view(topology: Topology, booking: Booking) -> BookingView:
    return BookingView(
        id=booking.id,
        organization=organization_view(topology, booking.organization_id),
        slot_id=booking.slot_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        speciality=booking.speciality,
        name=booking.name,
        room=booking.room,
        channel=booking.channel,
        booked_at=booking.booked_at,
        state=booking.ended_how or "active",
        ended_why=booking.ended_why,
        can_move=booking.side == "region" and booking.ended_how is None,
    )


def bookings_view(topology: Topology, found: tuple[Booking, ...]) -> BookingsView:
    return BookingsView([booking_view(topology, one) for one in found])
