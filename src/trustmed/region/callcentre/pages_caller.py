"""The caller's page: who they are, their bookings; booking, moving and cancelling for them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.booking.errors import AlreadyThatDay, AlreadyThen, BookingMissing
from trustmed.booking.model import Booking, BookingRequest
from trustmed.errors import InputRefused, NotFound, TrustMedError
from trustmed.region.booking.errors import CallerUnnamed
from trustmed.region.booking.model import FreeSlot, Speciality
from trustmed.region.booking.service import book, bookings, cancel, move, specialities
from trustmed.region.callcentre.caller import TYPED, CallerEntry, entry_of_person, entry_of_typed
from trustmed.region.callcentre.choice import MOST_CLINICS, Choice, Wish, find_choice, find_slot, offers, wish_of
from trustmed.region.callcentre.desk import (
    AnyRequest,
    Key,
    booking_key,
    form_fields,
    hot_of,
    key_or_none,
    operators,
    organizations,
    pools_of,
    reader_of,
    reason_of,
    slot_key,
)
from trustmed.region.callcentre.pages_find import find_by_snils
from trustmed.region.callcentre.shown import (
    channel_words,
    day_month,
    ended_words,
    excuses,
    reasons,
    split_by_time,
    visit_words,
    weekday,
    when,
)
from trustmed.region.persons.model import Person
from trustmed.region.persons.opening import open_index
from trustmed.region.persons.reading import find_person
from trustmed.region.persons.shown import golden_text, person_line
from trustmed.region.pools import PartMissing
from trustmed.web import i18n
from trustmed.web.forms import uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.identity import identity_of
from trustmed.web.templating import render


class Outcome(msgspec.Struct, frozen=True):
    """What the page says about the act before it. `may_allow`: the refused slot may be booked with a reason."""

    booked: Key | None = None
    done: str = ""
    refusal: str = ""
    status: int = 200
    may_allow: bool = False
    slot: Key | None = None
    reason: str = ""


@get("/booking/{person_id:uuid}", guards=[operators])
async def person_page(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Show a person's page. `move`: the booking to be moved; `booked`, `done`: what was done just now."""
    query = request.query_params
    try:
        whole = await _person(request, person_id)
    except PartMissing as error:
        return _index_is_silent(request, error)
    if whole.id != person_id:
        return Redirect(f"/booking/{whole.id}", status_code=303)
    said = Outcome(booked=key_or_none(query.get("booked")), done=query.get("done", ""))
    return await _page(request, entry_of_person(whole), query, said, whole)


@post("/booking/new", guards=[operators], status_code=200)
async def new_caller(request: AnyRequest) -> Response[str]:
    """Show the page of a caller who was typed; also when a booking of theirs is chosen to be moved."""
    form = await form_fields(request)
    try:
        who = entry_of_typed(form)
    except InputRefused as error:
        refusal = error.text(i18n.current.get())
        return render(request, "callcentre/new.html", status=error.status, given=form, refusal=refusal)
    return await _page(request, who, form, Outcome())


@post(["/booking/{person_id:uuid}/book", "/booking/new/book"], guards=[operators], status_code=200)
async def book_slot(request: AnyRequest) -> Response[Any]:
    """Book the slot in the form, or move the booking `move` to it."""
    form = await form_fields(request)
    try:
        who = await _who(request, form)
    except PartMissing as error:
        return _index_is_silent(request, error)
    key = key_or_none(form.get("slot"))
    try:
        made = await _make_booking(request, who, form)
    except (InputRefused, NotFound, PartMissing) as error:
        may_allow = isinstance(error, AlreadyThen | AlreadyThatDay)
        said = _outcome_of_refusal(error, slot=key, may_allow=may_allow, reason=form.get("allowed", ""))
        return await _page(request, who, form, said)
    booked = Key(made.organization_id, made.id)
    if who.is_known:
        return Redirect(f"{who.path}?booked={booked}", status_code=303)
    return await _page(request, who, {}, Outcome(booked=booked))


@post(["/booking/{person_id:uuid}/cancel", "/booking/new/cancel"], guards=[operators], status_code=200)
async def cancel_booking(request: AnyRequest) -> Response[Any]:
    """Cancel the booking in the form, or ask its clinic to cancel it."""
    form = await form_fields(request)
    try:
        who = await _who(request, form)
    except PartMissing as error:
        return _index_is_silent(request, error)
    try:
        key, why = booking_key(form.get("booking")), reason_of(form.get("why", ""))
        done = await cancel(
            *(pools_of(request), hot_of(request), reader_of(request), who.caller, key.organization_id, key.id, why)
        )
    except (InputRefused, NotFound, PartMissing) as error:
        return await _page(request, who, {}, _outcome_of_refusal(error))
    if who.is_known:
        return Redirect(f"{who.path}?done={done}", status_code=303)
    return await _page(request, who, {}, Outcome(done=done))


@get("/booking/slots", guards=[operators])
async def slots_fragment(request: AnyRequest) -> Response[str]:
    """Show clinics, days and free slots. Nothing personal is in the request or the answer."""
    wish = wish_of(request.query_params)
    listed, trouble = await _specialities(request) if wish.speciality else ((), "")
    choice, trouble = await _choice(request, wish, listed) if not trouble else (None, trouble)
    return render(
        request,
        "callcentre/slots.html",
        status=503 if trouble else 200,
        choice=choice,
        trouble=trouble,
        is_fixed="fixed" in request.query_params,
        **_words(request),
    )


async def _person(request: AnyRequest, person_id: UUID) -> Person:
    """Return a person of the index. Raises PersonUnknown, PartMissing."""
    async with open_index(pools_of(request), reader_of(request), Action.INDEX_PERSON, [person_id]) as index:
        return await find_person(index.connection, person_id)


def _index_is_silent(request: AnyRequest, error: PartMissing) -> Response[str]:
    """Offer to type the caller: booking works without the index."""
    refusal = " ".join((error.text(i18n.current.get()), _("Пока её нет, позвонившего можно записать как нового.")))
    return render(request, "callcentre/new.html", status=error.status, given={}, refusal=refusal)


async def _who(request: AnyRequest, form: dict[str, str]) -> CallerEntry:
    """Return the person in the path, or the caller typed into the form.

    Raises PersonUnknown, PartMissing and what `entry_of_typed` does.
    """
    person_id = request.path_params.get("person_id")
    return entry_of_typed(form) if person_id is None else entry_of_person(await _person(request, person_id))


async def _make_booking(request: AnyRequest, who: CallerEntry, form: dict[str, str]) -> Booking:
    """Book or move as the form says. Raises what the booking service does, ReasonNeeded, SlotUnchosen."""
    identity, key = identity_of(request), slot_key(form.get("slot"))
    asked = BookingRequest(
        key.id,
        uuid_or_none(form.get("request_id")) or uuid4(),
        "call_centre",
        str(identity.account_id),
        identity.name,
        reason_of(form["allowed"]) if "allowed" in form else None,
    )
    desk = (pools_of(request), hot_of(request), reader_of(request), who.caller, key.organization_id)
    moving = form.get("move")
    if not moving:
        return await book(*desk, asked)
    former = booking_key(moving)
    if former.organization_id != key.organization_id:
        raise BookingMissing(former.id)
    return await move(*desk, former.id, asked)


def _outcome_of_refusal(error: TrustMedError, **fields: Any) -> Outcome:
    return Outcome(refusal=error.text(i18n.current.get()), status=error.status, **fields)


async def _choice(request: AnyRequest, wish: Wish, listed: tuple[Speciality, ...]) -> tuple[Choice | None, str]:
    """Return what is free of all that is listed, or why that is unknown."""
    if not wish.speciality:
        return None, ""
    try:
        return await find_choice(pools_of(request), hot_of(request), wish, listed), ""
    except PartMissing as error:
        return None, error.text(i18n.current.get())


async def _page(
    request: AnyRequest, who: CallerEntry, asked: Any, said: Outcome, whole: Person | None = None
) -> Response[str]:
    """Show the caller's page. `asked`: the fields of an address or a form that say what is looked for."""
    (listed, missing), (wanted, trouble), doubles = await asyncio.gather(
        _listed(request, who), _specialities(request), _doubles(request, who)
    )
    moving = next((one for one in listed if str(_key(one)) == asked.get("move")), None)
    wish = wish_of(asked)
    offered = offers(wanted, moving.organization_id if moving else None)
    if moving is not None:
        code = next((one.code for one in offered if one.name == moving.speciality), "")
        wish = msgspec.structs.replace(wish, organization_id=moving.organization_id, speciality=wish.speciality or code)
    choice, silent = await _choice(request, wish, wanted) if not trouble else (None, trouble)
    return render(
        request,
        "callcentre/caller.html",
        status=said.status,
        who=who,
        person=whole,
        doubles=doubles,
        bookings=split_by_time(listed),
        bookings_missing=missing,
        booked=next((one for one in listed if _key(one) == said.booked), None),
        said=said,
        moving=moving,
        is_fixed=moving is not None,
        offers=offered,
        choice=choice,
        trouble=silent,
        slot=_still_free(choice, said),
        request_id=uuid4(),
        typed=TYPED,
        key=_key,
        person_line=person_line,
        golden_text=golden_text,
        channel_words=channel_words(),
        ended_words=ended_words(),
        reasons=reasons(),
        excuses=excuses(),
        **_words(request),
    )


def _still_free(choice: Choice | None, said: Outcome) -> FreeSlot | None:
    """Return the refused slot if it may be booked with a reason and is still free."""
    if choice is None or said.slot is None or not said.may_allow:
        return None
    return find_slot(choice, said.slot.organization_id, said.slot.id)


async def _listed(request: AnyRequest, who: CallerEntry) -> tuple[tuple[Booking, ...], str]:
    """Return the caller's bookings, or why they are unknown."""
    try:
        return await bookings(pools_of(request), reader_of(request), who.caller), ""
    except (PartMissing, CallerUnnamed) as error:
        return (), error.text(i18n.current.get())


async def _specialities(request: AnyRequest) -> tuple[tuple[Speciality, ...], str]:
    """Return what can be booked, or why that is unknown."""
    try:
        return await specialities(pools_of(request), hot_of(request)), ""
    except PartMissing as error:
        return (), error.text(i18n.current.get())


async def _doubles(request: AnyRequest, who: CallerEntry) -> list[Person]:
    """Return the persons of the index that a new caller may be."""
    return [] if who.is_known else await find_by_snils(request, who.caller.snils)


def _key(booking: Booking) -> Key:
    return Key(booking.organization_id, booking.id)


def _words(request: AnyRequest) -> dict[str, Any]:
    return {
        "organizations": organizations(request),
        "most_chips": MOST_CLINICS,
        "weekday": weekday,
        "day_month": day_month,
        "when": when,
        "visit_words": visit_words(),
    }
