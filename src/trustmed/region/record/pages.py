"""The record for the region's physicians: finding a person, saying why, reading."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from trustmed.audit.actions import Action
from trustmed.audit.emergency import SHORTEST_REASON
from trustmed.errors import InputRefused, TrustMedError
from trustmed.patient.writing import tidy
from trustmed.region.access.emergency import Staff
from trustmed.region.access.errors import GroundRefused
from trustmed.region.access.model import Reader
from trustmed.region.persons.finding import MOST_SHOWN, find_by_number, find_similar
from trustmed.region.persons.model import Person
from trustmed.region.persons.opening import open_index
from trustmed.region.persons.reading import find_person
from trustmed.region.persons.shown import clinic_title, fours, person_line, sex_word
from trustmed.region.persons.typed import card_of_typed
from trustmed.region.pools import PartMissing, Pools
from trustmed.region.record import taken
from trustmed.region.record.event import KINDS, Filters
from trustmed.region.record.filters import FilterRefused, check_filters
from trustmed.region.record.grounds import Claim, GroundUnclear
from trustmed.region.record.opening import keep_ground, read_document, read_page, take_ground
from trustmed.region.record.shown import gap, ground_words
from trustmed.semd.cda.render import render as render_document
from trustmed.web import i18n
from trustmed.web.guards import role_is
from trustmed.web.identity import identity_of
from trustmed.web.proxies import is_https
from trustmed.web.sealed import Search, answer_search, search_address, search_in_address
from trustmed.web.templating import render
from trustmed.web.timeline import by_days, words

AnyRequest = Request[Any, Any, Any]
physicians = role_is("physician")
COOKIE: Final = "trustmed_record_ground"
POSITION: Final = "врач региона"
SEARCH: Final = "/record"
LONGEST: Final = 300  # characters of a cursor


def _reader(request: AnyRequest) -> Reader:
    identity = identity_of(request)
    return Reader(str(identity.account_id), identity.name, "region", "service")


@get("/record", guards=[physicians])
async def search_page(request: AnyRequest) -> Response[str]:
    """Search by `number` (СНИЛС, policy, document or a person's id), or by surname, name and day of birth."""
    search = search_in_address(request, SEARCH)
    given = search.given()
    found: list[Person] | None = None
    refusal = search.refusal.text(i18n.current.get()) if search.refusal else ""
    try:
        found = await _found(request, given)
    except InputRefused as error:
        refusal = error.text(i18n.current.get())
    return render(
        request,
        "record/search.html",
        status=422 if refusal else 200,
        given=given,
        found=found,
        refusal=refusal,
        clinic=_clinic(request),
        person_line=person_line,
    )


@post("/record", guards=[physicians], status_code=200)
async def find(request: AnyRequest) -> Response[Any]:
    return await answer_search(request, SEARCH)


async def _found(request: AnyRequest, given: dict[str, str]) -> list[Person] | None:
    """Return persons found by number, else by likeness, the likeliest first; None if nothing was asked.

    Raises NothingToLookFor, BirthDateWrong.
    """
    pools, reader = request.app.state.pools, _reader(request)
    if given.get("number"):
        return (await find_by_number(pools, reader, given["number"]))[:MOST_SHOWN]
    if any(given.get(name) for name in ("surname", "given_name", "birth_date")):
        return (await find_similar(pools, reader, card_of_typed(given))).likeliest()
    return None


@get("/record/{person_id:uuid}", guards=[physicians])
async def record_page(request: AnyRequest, person_id: FromPath[UUID]) -> Response[str]:
    """Show the timeline if a ground is taken; otherwise ask for the ground."""
    claim = _claim(request, person_id)
    if claim is None:
        return await _ground_page(request, person_id)
    search = search_in_address(request, _path(person_id))
    given, after = search.given(), request.query_params.get("after", "")[:LONGEST] or None
    state = request.app.state
    refusal, status, filters = "", 200, Filters()
    try:
        if search.refusal:
            raise search.refusal
        filters = check_filters(_filters(search))
    except InputRefused as error:
        refusal, status = error.text(i18n.current.get()), 422
    try:
        record = await keep_ground(state.pools, _reader(request), person_id, claim)
    except (GroundRefused, GroundUnclear) as error:
        return await _ground_page(request, person_id, error, claim)
    found = await read_page(state.pools, state.hot, record, filters, after=after)
    topology = state.pools.topology
    return render(
        request,
        "record/record.html",
        status=status,
        person=await _person(request, person_id),
        person_id=person_id,
        found=found,
        days=by_days(found.timeline.events),
        gaps=[gap(topology, one) for one in found.timeline.missing],
        given=given,
        refusal=refusal,
        kinds=KINDS,
        chosen=filters.kinds,
        organizations=[one for site in topology.site for one in site.organization],
        later=_later(request, person_id, search, found.timeline.after),
        claim=claim,
        clinic=_clinic(request),
        words=words(),
        address=lambda event: f"/record/{person_id}/documents/{event.document_id}",
        ground_words=ground_words(),
        person_line=person_line,
        sex=sex_word,
        fours=fours,
    )


@post("/record/{person_id:uuid}/find", guards=[physicians], status_code=200)
async def narrow(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Show only what the filter of the page wants."""
    return await answer_search(request, _path(person_id))


@post("/record/{person_id:uuid}", guards=[physicians])
async def post_ground(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Take a ground for the person: it holds for half an hour, and is verified at every reading."""
    form = await request.form()
    ground = form.get("ground")
    reason = form.get("reason")
    claim = Claim("consent" if ground == "consent" else "break_glass", None, tidy(str(reason or "")))
    reader = _reader(request)
    try:
        await take_ground(request.app.state.pools, reader, Staff(reader.actor_name, POSITION), person_id, claim)
    except (GroundRefused, GroundUnclear) as error:
        return await _ground_page(request, person_id, error, claim)
    address = f"/record/{person_id}"
    cookie = Cookie(
        key=COOKIE,
        value=taken.sign_taken(request.app.state.grounds_secret, identity_of(request).account_id, person_id, claim),
        path=address,
        max_age=taken.MINUTES * 60,
        httponly=True,
        samesite="lax",
        secure=is_https(request),
    )
    return Redirect(address, status_code=303, cookies=[cookie])


@get("/record/{person_id:uuid}/documents/{document_id:uuid}", guards=[physicians])
async def document_page(request: AnyRequest, person_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[Any]:
    """Show the text of a document. Without a ground, ask for it first."""
    claim = _claim(request, person_id)
    if claim is None:
        return Redirect(f"/record/{person_id}", status_code=303)
    pools: Pools = request.app.state.pools
    record = await keep_ground(pools, _reader(request), person_id, claim)
    document, body = await read_document(pools, record, document_id)
    language = i18n.current.get()
    paper, refusal = Markup(), ""
    try:
        paper = Markup(render_document(body.content, language))  # noqa: S704 it escapes every text
    except TrustMedError as error:
        refusal = error.text(language)
    return render(
        request,
        "record/document.html",
        person_id=person_id,
        document=document,
        paper=paper,
        refusal=refusal,
        clinic=_clinic(request),
    )


async def _ground_page(
    request: AnyRequest,
    person_id: UUID,
    refusal: GroundRefused | GroundUnclear | None = None,
    claim: Claim | None = None,
) -> Response[str]:
    return render(
        request,
        "record/ground.html",
        status=refusal.status if refusal else 200,
        person=await _person(request, person_id),
        person_id=person_id,
        claim=claim,
        refusal=refusal.text(i18n.current.get()) if refusal else "",
        letters=SHORTEST_REASON,
        minutes=taken.MINUTES,
        person_line=person_line,
    )


async def _person(request: AnyRequest, person_id: UUID) -> Person | None:
    """Return the person from the index; None while the index is silent: the record is shown without a name then."""
    pools: Pools = request.app.state.pools
    try:
        async with open_index(pools, _reader(request), Action.INDEX_PERSON, [person_id]) as index:
            return await find_person(index.connection, person_id)
    except PartMissing:
        return None


def _claim(request: AnyRequest, person_id: UUID) -> Claim | None:
    value = request.cookies.get(COOKIE, "")
    return taken.find_taken(request.app.state.grounds_secret, value, identity_of(request).account_id, person_id)


def _clinic(request: AnyRequest) -> Any:
    return lambda number: clinic_title(request.app.state.pools.topology, number)


def _path(person_id: UUID) -> str:
    return f"{SEARCH}/{person_id}"


def _filters(search: Search) -> Filters:
    """Return the filter that was typed. Raises FilterRefused."""
    number = search.get("organization")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise FilterRefused("organization", "нужен номер организации", "the number of an organisation is needed")
    return Filters(
        kinds=tuple(search.all("kind")),
        since=_midnight("since", search.get("since")),
        before=_midnight("before", search.get("before"), days=1),
        organizations=(int(number),) if number else (),
        text=search.get("text") or None,
    )


def _midnight(name: str, text: str, days: int = 0) -> dt.datetime | None:
    """Return midnight of the day, `days` later, in the server's zone. Raises FilterRefused."""
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None).astimezone() + dt.timedelta(days=days)
    except (ValueError, OverflowError, OSError) as error:
        raise FilterRefused(name, "нужна дата, например 2026-11-05", "a date is needed, like 2026-11-05") from error


def _later(request: AnyRequest, person_id: UUID, search: Search, after: str | None) -> str | None:
    """Return the address of the next page."""
    return None if after is None else search_address(request, _path(person_id), search, after=after)


def record_pages() -> Router:
    """Return the routes under `/record`. `app.state` has `grounds_secret` besides what the interfaces need."""
    return Router(
        "/",
        route_handlers=[search_page, find, record_page, narrow, post_ground, document_page],
        include_in_schema=False,
    )
