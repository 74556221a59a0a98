"""The page of those who keep accounts: list, add, disable, change role, give a temporary password, end sessions."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import TrustMedError
from trustmed.staff.desk import AnyRequest, StaffDesk
from trustmed.staff.model import Office
from trustmed.staff.own_pages import role_word
from trustmed.staff.service import (
    end_sessions,
    find_accounts,
    find_one,
    find_sessions,
    reset_factor,
    set_disabled,
    set_password,
    set_role,
)
from trustmed.web import i18n
from trustmed.web.forms import fields
from trustmed.web.guards import Guard
from trustmed.web.identity import identity_of
from trustmed.web.templating import render

PASSWORD_BYTES: Final = 9
Add = Callable[[Office, dict[str, str], str], Awaitable[None]]
"""Adds the account that a form describes, with this password."""


def staff_pages(desk: StaffDesk, keepers: Guard, add: Add) -> Router:
    """Return the routes under /staff."""
    handlers = [_list_page(desk), _add_form(desk, add), _one_page(desk), _act_form(desk)]
    return Router("/staff", route_handlers=handlers, include_in_schema=False, guards=[keepers])


def _list_page(desk: StaffDesk) -> ControllerRouterHandler:
    @get("/")
    async def list_page(request: AnyRequest) -> Response[Any]:
        return await _show_list(desk, request, {})

    return list_page


def _add_form(desk: StaffDesk, add: Add) -> ControllerRouterHandler:
    @post("/", status_code=200)
    async def add_form(request: AnyRequest) -> Response[Any]:
        given, password = await fields(request), _new_password()
        try:
            await add(desk.office_of(request), given, password)
        except TrustMedError as error:
            return await _show_list(desk, request, given, error)
        return await _show_one(desk, request, given["login"].strip().lower(), password=password)

    return add_form


def _one_page(desk: StaffDesk) -> ControllerRouterHandler:
    @get("/{login:str}")
    async def one_page(request: AnyRequest, login: FromPath[str]) -> Response[Any]:
        return await _show_one(desk, request, login)

    return one_page


def _act_form(desk: StaffDesk) -> ControllerRouterHandler:
    @post("/{login:str}", status_code=200)
    async def act_form(request: AnyRequest, login: FromPath[str]) -> Response[Any]:
        given, office = await fields(request), desk.office_of(request)
        password = _new_password() if given.get("act") == "password" else None
        try:
            await _do(office, login, given, password)
        except TrustMedError as error:
            return await _show_one(desk, request, login, error=error)
        if password:
            return await _show_one(desk, request, login, password=password)
        return Redirect(f"/staff/{login}", status_code=303)

    return act_form


async def _do(office: Office, login: str, given: dict[str, str], password: str | None) -> None:
    if password:
        await set_password(office, login, password)
        return
    match given.get("act"):
        case "disable" | "enable" as act:
            await set_disabled(office, login, act == "disable")
        case "role":
            await set_role(office, login, given.get("role", ""))
        case "sessions":
            await end_sessions(office, login)
        case "factor":
            await reset_factor(office, login)


async def _show_list(
    desk: StaffDesk, request: AnyRequest, given: dict[str, str], error: TrustMedError | None = None
) -> Response[Any]:
    office = desk.office_of(request)
    return render(
        request,
        "staff/list.html",
        status=error.status if error else 200,
        refusal=error.text(i18n.current.get()) if error else "",
        accounts=await find_accounts(office),
        roles=office.roles,
        role_word=role_word,
        given=given,
        has_factors=desk.factors is not None,
    )


async def _show_one(
    desk: StaffDesk, request: AnyRequest, login: str, *, password: str = "", error: TrustMedError | None = None
) -> Response[Any]:
    office = desk.office_of(request)
    account = await find_one(office, login)
    return render(
        request,
        "staff/one.html",
        status=error.status if error else 200,
        refusal=error.text(i18n.current.get()) if error else "",
        account=account,
        password=password,
        sessions=await find_sessions(office, login),
        roles=office.roles,
        role_word=role_word,
        is_own=account.id == identity_of(request).account_id,
        has_factors=desk.factors is not None,
    )


def _new_password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)
