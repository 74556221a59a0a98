"""How an application lets people in: a password, then, where the account has a second factor, a code."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Request

from trustmed.errors import TrustMedError
from trustmed.patient.writing import tidy
from trustmed.web.account import Device, Identity
from trustmed.web.attempts import Caller, TooManyAttempts, network_of
from trustmed.web.devices import words_of
from trustmed.web.known_devices import device_of

AnyRequest = Request[Any, Any, Any]

LONGEST_LOGIN: Final = 200
LONGEST_CODE: Final = 40
MOST_CODES: Final = 20
"""Wrong codes of one login from all unknown devices: whoever asks for a code knew the password already."""


class WrongCode(TrustMedError):
    """The code is wrong, or was used before."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Код не подошёл или уже использован. Дождитесь следующего кода в приложении и введите его.",
            "The code is wrong or was used already. Wait for the next one in the application and enter it.",
        )


class CodeNeeded(TrustMedError):
    """The account has a second factor, and the call names no code."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Нужен код из приложения: добавьте его в поле code.",
            "A code of the application is needed: put it into field code.",
        )


class Recognised(msgspec.Struct, frozen=True):
    """Whose password it was; `needs_code`: the account has a second factor."""

    identity: Identity
    needs_code: bool = False


async def _note_nothing(_: AnyRequest) -> None:
    """Record nothing when somebody signs out."""


async def _note_no_lockout(_: AnyRequest, login: str) -> None:
    """Record nothing when a login is held."""


async def _take_no_code(_: AnyRequest, login: str, code: str) -> Identity:
    """Refuse every code: nobody here has a second factor."""
    raise WrongCode


class Door(msgspec.Struct, frozen=True):
    """What an application knows of those who come. `recognise` returns whose login and password these are or raises
    WrongCredentials; `take_code` returns whose login and code these are or raises WrongCode.

    `note_sign_out` is called for a person who has just signed out, `note_lockout` once whenever a login or a network
    is held after too many failures. `app.state` must have `sessions`, `attempts`, `turns` and `door_secret`.
    """

    recognise: Callable[[AnyRequest, str, str], Awaitable[Recognised]]
    note_sign_out: Callable[[AnyRequest], Awaitable[None]] = _note_nothing
    note_lockout: Callable[[AnyRequest, str], Awaitable[None]] = _note_no_lockout
    take_code: Callable[[AnyRequest, str, str], Awaitable[Identity]] = _take_no_code


async def knock(door: Door, request: AnyRequest, login: str, password: str) -> Recognised:
    """Return whose password it is. Raises WrongCredentials, TooManyAttempts, SignInBusy, Unavailable."""
    caller = caller_of(request, login)
    async with _attempt(door, request, caller), request.app.state.turns.turn(caller.device or caller.network):
        return await door.recognise(request, caller.login, password)


async def present_code(door: Door, request: AnyRequest, login: str, code: str) -> Identity:
    """Return whose code it is. Raises WrongCode, TooManyAttempts, Unavailable."""
    caller = caller_of(request, login)
    guess = msgspec.structs.replace(caller, login=f"code of {caller.login}", most=MOST_CODES)
    async with _attempt(door, request, guess):
        return await door.take_code(request, caller.login, "".join(code.split())[:LONGEST_CODE])


async def admit(request: AnyRequest, identity: Identity) -> str:
    """Open a session; return its token."""
    device = Device(words_of(request.headers.get("user-agent")), _address(request))
    return await request.app.state.sessions.open(identity, device)


def caller_of(request: AnyRequest, login: str) -> Caller:
    """Return who tries to sign in, by what attempts are counted."""
    login = tidy(login)[:LONGEST_LOGIN]
    cookie = request.cookies.get(device_cookie_name(request))
    return Caller(login, network_of(_address(request)), device_of(request.app.state.door_secret, cookie, login))


def device_cookie_name(request: AnyRequest) -> str:
    return f"{request.app.state.session_cookie_name}_device"


@asynccontextmanager
async def _attempt(door: Door, request: AnyRequest, caller: Caller) -> AsyncGenerator[None]:
    attempts = request.app.state.attempts
    try:
        with attempts.trying(caller):
            if delay := attempts.delay_of(caller):
                await asyncio.sleep(delay)
            yield
    except TooManyAttempts as refusal:
        if refusal.is_first:
            await door.note_lockout(request, caller.login)
        raise


def _address(request: AnyRequest) -> str | None:
    return request.client.host if request.client else None
