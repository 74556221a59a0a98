"""Sign in and out: people by a page and its form, programs by a bearer token."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import TrustMedError
from trustmed.web import i18n
from trustmed.web.entering import CodeNeeded, Door, admit, device_cookie_name, knock, present_code
from trustmed.web.guards import signed_in
from trustmed.web.identity import MAY_OWE, SetUpNeeded, session_cookie
from trustmed.web.known_devices import PATH, device_cookie
from trustmed.web.language import own_path
from trustmed.web.proxies import is_https
from trustmed.web.sessions import LIFETIME
from trustmed.web.templating import render
from trustmed.web.ticket import LIFE_SECONDS, Ticket, read_ticket, write_ticket

AnyRequest = Request[Any, Any, Any]
CODE_PATH: Final = f"{PATH}/code"


class Credentials(msgspec.Struct, frozen=True):
    """`code`: of the application on the phone, or a recovery code; only of accounts with a second factor."""

    login: str
    password: str
    code: str | None = None


class Session(msgspec.Struct, frozen=True):
    """Send `token` in the header Authorization as Bearer; it expires `expires_in` seconds after the last call."""

    token: str
    expires_in: int
    name: str
    role: str
    organization_id: int | None


def door_pages(door: Door) -> Router:
    """Return the routes /sign-in and /sign-out."""
    handlers = [sign_in_page, code_page, _sign_in_form(door), _code_form(door), _sign_out(door)]
    return Router("/", route_handlers=handlers, include_in_schema=False)


def door_api(door: Door) -> Router:
    """Return the route /session, a token for programs. Put it under the interface's path, with its guards."""
    return Router("/", route_handlers=[_open_api_session(door), _close_api_session(door)], tags=["session"])


@get(PATH, sync_to_thread=False)
def sign_in_page(request: AnyRequest, next: FromQuery[str] = "/") -> Response[str]:
    return render(request, "web/sign_in.html", next=own_path(next), login="", refusal="")


@get(CODE_PATH, sync_to_thread=False)
def code_page(request: AnyRequest) -> Response[Any]:
    """Ask for the code of whoever has just given a right password."""
    return render(request, "web/sign_in_code.html", refusal="") if _ticket(request) else Redirect(PATH, status_code=303)


def _sign_in_form(door: Door) -> ControllerRouterHandler:
    @post(PATH, status_code=200)
    async def sign_in_form(request: AnyRequest) -> Response[Any]:
        form = await request.form()
        login, target = str(form.get("login", "")), own_path(str(form.get("next", "/")))
        try:
            found = await knock(door, request, login, str(form.get("password", "")))
        except TrustMedError as error:
            return _refused(request, error, "web/sign_in.html", next=target, login=login)
        if not found.needs_code:
            return _entered(request, found.identity.login, target, await admit(request, found.identity))
        ticket = write_ticket(request.app.state.door_secret, found.identity.login, target)
        return Redirect(CODE_PATH, status_code=303, cookies=[_ticket_cookie(request, ticket)])

    return sign_in_form


def _code_form(door: Door) -> ControllerRouterHandler:
    @post(CODE_PATH, status_code=200)
    async def code_form(request: AnyRequest) -> Response[Any]:
        ticket = _ticket(request)
        if ticket is None:
            return Redirect(PATH, status_code=303)
        form = await request.form()
        try:
            identity = await present_code(door, request, ticket.login, str(form.get("code", "")))
        except TrustMedError as error:
            return _refused(request, error, "web/sign_in_code.html")
        response = _entered(request, identity.login, ticket.next, await admit(request, identity))
        response.set_cookie(_ticket_cookie(request, ""))
        return response

    return code_form


def _sign_out(door: Door) -> ControllerRouterHandler:
    @post("/sign-out", status_code=303, opt={MAY_OWE: True})
    async def sign_out(request: AnyRequest) -> Redirect:
        if request.scope.get("auth"):
            await _leave(door, request)
        return _with_cookie(request, PATH, "")

    return sign_out


def _open_api_session(door: Door) -> ControllerRouterHandler:
    @post("/session", summary="Sign in")
    async def open_api_session(request: AnyRequest, data: JSONBody[Credentials]) -> Session:
        found = await knock(door, request, data.login, data.password)
        identity = found.identity
        if found.needs_code:
            if data.code is None:
                raise CodeNeeded
            identity = await present_code(door, request, identity.login, data.code)
        if identity.owes:
            raise SetUpNeeded(identity.owes)
        token = await admit(request, identity)
        return Session(token, int(LIFETIME.total_seconds()), identity.name, identity.role, identity.organization_id)

    return open_api_session


def _close_api_session(door: Door) -> ControllerRouterHandler:
    @delete("/session", guards=[signed_in], summary="Sign out", opt={MAY_OWE: True})
    async def close_api_session(request: AnyRequest) -> None:
        await _leave(door, request)

    return close_api_session


async def _leave(door: Door, request: AnyRequest) -> None:
    await request.app.state.sessions.close_session(request.scope["auth"])
    await door.note_sign_out(request)


def _refused(request: AnyRequest, error: TrustMedError, template: str, **context: Any) -> Response[str]:
    text = error.text(i18n.current.get())
    response = render(request, template, status=error.status, refusal=text, **context)
    wait = getattr(error, "retry_after_seconds", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _entered(request: AnyRequest, login: str, target: str, token: str) -> Redirect:
    response, state, name = _with_cookie(request, target, token), request.app.state, device_cookie_name(request)
    response.set_cookie(
        device_cookie(name, state.door_secret, request.cookies.get(name), login, https=is_https(request))
    )
    return response


def _ticket(request: AnyRequest) -> Ticket | None:
    return read_ticket(request.app.state.door_secret, request.cookies.get(_ticket_name(request)))


def _ticket_cookie(request: AnyRequest, ticket: str) -> Cookie:
    return Cookie(
        key=_ticket_name(request),
        value=ticket,
        path=PATH,
        httponly=True,
        secure=is_https(request),
        samesite="lax",
        max_age=LIFE_SECONDS if ticket else 0,
    )


def _ticket_name(request: AnyRequest) -> str:
    return f"{request.app.state.session_cookie_name}_ticket"


def _with_cookie(request: AnyRequest, target: str, token: str) -> Redirect:
    state = request.app.state
    cookie = session_cookie(state.session_cookie_name, token, https=is_https(request))
    return Redirect(target, status_code=303, cookies=[cookie])
