"""Sign in and out: people by a page and its form, programs by a bearer token."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import TrustMedError
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.account import Device, Identity
from trustmed.web.attempts import Caller, TooManyAttempts, network_of
from trustmed.web.devices import words_of
from trustmed.web.guards import signed_in
from trustmed.web.identity import session_cookie
from trustmed.web.known_devices import device_cookie, device_of
from trustmed.web.language import own_path
from trustmed.web.proxies import is_https
from trustmed.web.sessions import LIFETIME
from trustmed.web.templating import render

AnyRequest = Request[Any, Any, Any]

LONGEST_LOGIN: Final = 200
LONGEST_PASSWORD: Final = 1000  # a longer one only costs time to hash


class Credentials(msgspec.Struct, frozen=True):
    login: str
    password: str


class Session(msgspec.Struct, frozen=True):
    """Send `token` in the header Authorization as Bearer; it expires `expires_in` seconds after the last call."""

    token: str
    expires_in: int
    name: str
    role: str
    organization_id: int | None


async def _note_nothing(_: AnyRequest) -> None:
    """Record nothing when somebody signs out."""


async def _note_no_lockout(_: AnyRequest, login: str) -> None:
    """Record nothing when a login is held."""


class Door(msgspec.Struct, frozen=True):
    """How an application lets people in: `recognise` returns whose login and password these are or raises
    WrongCredentials.

    `note_sign_out` is called for a person who has just signed out, `note_lockout` once whenever a login or a network
    is held after too many failures. `app.state` must have `sessions`, `attempts`, `turns` and `door_secret`.
    """

    recognise: Callable[[AnyRequest, str, str], Awaitable[Identity]]
    note_sign_out: Callable[[AnyRequest], Awaitable[None]] = _note_nothing
    note_lockout: Callable[[AnyRequest, str], Awaitable[None]] = _note_no_lockout


def door_pages(door: Door) -> Router:
    """Return the routes /sign-in and /sign-out."""
    handlers: list[ControllerRouterHandler] = [sign_in_page, _sign_in_form(door), _sign_out(door)]
    return Router("/", route_handlers=handlers, include_in_schema=False)


def door_api(door: Door) -> Router:
    """Return the route /session, a token for programs. Put it under the interface's path, with its guards."""
    return Router("/", route_handlers=[_open_api_session(door), _close_api_session(door)], tags=["session"])


async def enter(door: Door, request: AnyRequest, login: str, password: str) -> tuple[Identity, str]:
    """Open a session; return whose it is and its token.

    Raises WrongCredentials, TooManyAttempts, SignInBusy, Unavailable.
    """
    state = request.app.state
    login = tidy(login)[:LONGEST_LOGIN]
    address = request.client.host if request.client else None
    known = device_of(state.door_secret, request.cookies.get(_device_cookie_name(request)), login)
    caller = Caller(login, network_of(address), known)
    try:
        with state.attempts.trying(caller):
            if delay := state.attempts.delay_of(caller):
                await asyncio.sleep(delay)
            async with state.turns.turn(known or caller.network):
                identity = await door.recognise(request, login, password[:LONGEST_PASSWORD])
    except TooManyAttempts as refusal:
        if refusal.is_first:
            await door.note_lockout(request, login)
        raise
    device = Device(words_of(request.headers.get("user-agent")), address)
    return identity, await state.sessions.open(identity, device)


@get("/sign-in", sync_to_thread=False)
def sign_in_page(request: AnyRequest, next: FromQuery[str] = "/") -> Response[str]:
    return render(request, "web/sign_in.html", next=own_path(next), login="", refusal="")


def _sign_in_form(door: Door) -> ControllerRouterHandler:
    @post("/sign-in", status_code=200)
    async def sign_in_form(request: AnyRequest) -> Response[Any]:
        form = await request.form()
        login, target = str(form.get("login", "")), own_path(str(form.get("next", "/")))
        try:
            identity, token = await enter(door, request, login, str(form.get("password", "")))
        except TrustMedError as error:
            return _refused(request, error, target, login)
        response = _with_cookie(request, target, token)
        response.set_cookie(_device_cookie(request, identity.login))
        return response

    return sign_in_form


def _refused(request: AnyRequest, error: TrustMedError, target: str, login: str) -> Response[str]:
    text = error.text(i18n.current.get())
    response = render(request, "web/sign_in.html", status=error.status, next=target, login=login, refusal=text)
    wait = getattr(error, "retry_after_seconds", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _sign_out(door: Door) -> ControllerRouterHandler:
    @post("/sign-out", status_code=303)
    async def sign_out(request: AnyRequest) -> Redirect:
        if request.scope.get("auth"):
            await _leave(door, request)
        return _with_cookie(request, "/sign-in", "")

    return sign_out


def _open_api_session(door: Door) -> ControllerRouterHandler:
    @post("/session", summary="Sign in")
    async def open_api_session(request: AnyRequest, data: JSONBody[Credentials]) -> Session:
        identity, token = await enter(door, request, data.login, data.password)
        return Session(token, int(LIFETIME.total_seconds()), identity.name, identity.role, identity.organization_id)

    return open_api_session


def _close_api_session(door: Door) -> ControllerRouterHandler:
    @delete("/session", guards=[signed_in], summary="Sign out")
    async def close_api_session(request: AnyRequest) -> None:
        await _leave(door, request)

    return close_api_session


async def _leave(door: Door, request: AnyRequest) -> None:
    await request.app.state.sessions.close_session(request.scope["auth"])
    await door.note_sign_out(request)


def _device_cookie_name(request: AnyRequest) -> str:
    return f"{request.app.state.session_cookie_name}_device"


def _device_cookie(request: AnyRequest, login: str) -> Cookie:
    state, name = request.app.state, _device_cookie_name(request)
    return device_cookie(name, state.door_secret, request.cookies.get(name), login, https=is_https(request))


def _with_cookie(request: AnyRequest, target: str, token: str) -> Redirect:
    state = request.app.state
    cookie = session_cookie(state.session_cookie_name, token, https=is_https(request))
    return Redirect(target, status_code=303, cookies=[cookie])
