"""Everybody's own page: the password, the second factor, one's sessions."""

import base64
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import InputRefused, TrustMedError
from trustmed.staff import factor
from trustmed.staff.desk import AnyRequest, FactorDesk, StaffDesk
from trustmed.staff.errors import PasswordSame, PasswordsDiffer
from trustmed.staff.service import end_sessions, find_one, find_sessions, set_password
from trustmed.web import i18n
from trustmed.web.entering import knock, present_code
from trustmed.web.forms import fields
from trustmed.web.guards import signed_in
from trustmed.web.identity import MAY_OWE, identity_of
from trustmed.web.sessions import identifier_of
from trustmed.web.templating import render

OPEN = {MAY_OWE: True}


class PictureOld(InputRefused):
    """The picture for the phone belongs to another account or an older page."""

    def __init__(self) -> None:
        super().__init__("Страница устарела. Откройте её заново.", "The page is out of date. Open it again.")


def own_pages(desk: StaffDesk) -> Router:
    """Return the routes under /account."""
    handlers: list[ControllerRouterHandler] = [_own_page(desk), _password_form(desk), _sessions_form(desk)]
    if desk.factors:
        handlers += [_factor_page(desk.factors), _factor_form(desk, desk.factors)]
    return Router("/account", route_handlers=handlers, include_in_schema=False, guards=[signed_in], opt=OPEN)


def _own_page(desk: StaffDesk) -> ControllerRouterHandler:
    @get("/")
    async def own_page(request: AnyRequest) -> Response[Any]:
        return await _show(desk, request)

    return own_page


def _password_form(desk: StaffDesk) -> ControllerRouterHandler:
    @post("/password", status_code=200)
    async def password_form(request: AnyRequest) -> Response[Any]:
        given, identity = await fields(request), identity_of(request)
        password = given.get("password", "")
        try:
            if password != given.get("again", ""):
                raise PasswordsDiffer
            await knock(desk.door, request, identity.login, given.get("present", ""))
            if password == given.get("present"):
                raise PasswordSame
            await set_password(desk.office_of(request), identity.login, password, except_id=_session(request))
        except TrustMedError as error:
            return await _show(desk, request, error)
        return Redirect("/account?done=password", status_code=303)

    return password_form


def _sessions_form(desk: StaffDesk) -> ControllerRouterHandler:
    @post("/sessions", status_code=303)
    async def sessions_form(request: AnyRequest) -> Redirect:
        login = identity_of(request).login
        await end_sessions(desk.office_of(request), login, except_id=_session(request))
        return Redirect("/account?done=sessions", status_code=303)

    return sessions_form


def _factor_page(factors: FactorDesk) -> ControllerRouterHandler:
    @get("/factor", sync_to_thread=False)
    def factor_page(request: AnyRequest) -> Response[Any]:
        return _show_picture(factors, request, factor.new_secret())

    return factor_page


def _factor_form(desk: StaffDesk, factors: FactorDesk) -> ControllerRouterHandler:
    @post("/factor", status_code=200)
    async def factor_form(request: AnyRequest) -> Response[Any]:
        given, identity = await fields(request), identity_of(request)
        secret = _unsealed(factors, request, given.get("sealed", ""))
        try:
            account = await find_one(desk.office_of(request), identity.login)
            if account.has_factor:  # else a stolen session could move the factor to the thief's phone
                await present_code(desk.door, request, identity.login, given.get("present", ""))
            codes = await factors.set_up(request, secret, factor.tidy_code(given.get("code", "")))
        except TrustMedError as error:
            return _show_picture(factors, request, secret, error)
        await end_sessions(desk.office_of(request), identity.login, except_id=_session(request))
        await request.app.state.sessions.copies.mark_changed([_session(request)])
        return render(request, "staff/codes.html", codes=codes)

    return factor_form


def _show_picture(
    factors: FactorDesk, request: AnyRequest, secret: bytes, error: TrustMedError | None = None
) -> Response[str]:
    identity = identity_of(request)
    sealed = factor.seal(factors.key(request), identity.account_id, secret)
    return render(
        request,
        "staff/factor.html",
        status=error.status if error else 200,
        refusal=error.text(i18n.current.get()) if error else "",
        picture=factor.qr_code(secret, identity.login, factors.issuer),
        secret=factor.secret_text(secret),
        sealed=base64.urlsafe_b64encode(sealed).decode(),
        is_first=identity.owes == "factor",
    )


def _unsealed(factors: FactorDesk, request: AnyRequest, sealed: str) -> bytes:
    try:
        content = base64.urlsafe_b64decode(sealed)
    except ValueError:
        raise PictureOld from None
    secret = factor.unseal(factors.key(request), identity_of(request).account_id, content)
    if secret is None:
        raise PictureOld
    return secret


async def _show(desk: StaffDesk, request: AnyRequest, error: TrustMedError | None = None) -> Response[Any]:
    identity, office = identity_of(request), desk.office_of(request)
    account = await find_one(office, identity.login)
    return render(
        request,
        "staff/own.html",
        status=error.status if error else 200,
        refusal=error.text(i18n.current.get()) if error else "",
        account=account,
        role_word=role_word(account.role),
        done=request.query_params.get("done", ""),
        sessions=await find_sessions(office, identity.login),
        own_session=_session(request),
        has_factors=desk.factors is not None,
    )


def role_word(role: str) -> str:
    """Return what people call a role."""
    ru, en = ROLE_WORDS.get(role, (role, role))
    return i18n.by_language(ru, en)


ROLE_WORDS = {
    "doctor": ("врач", "doctor"),
    "registrar": ("регистратор", "registrar"),
    "head": ("руководитель", "head"),
    "engineer": ("инженер", "engineer"),
    "analyst": ("аналитик", "analyst"),
    "steward": ("стюард индекса", "steward of the index"),
    "physician": ("врач скорой помощи", "emergency physician"),
    "operator": ("оператор кол-центра", "operator of the call centre"),
}


def _session(request: AnyRequest) -> str:
    return identifier_of(request.scope["auth"])
