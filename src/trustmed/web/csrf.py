"""A form of our pages carries a token that only the session it was made for can have.

The token is a random part and a keyed hash of it with the session's own secret: it is stored nowhere, differs on every
page, and is worth nothing in another session. Somebody not signed in has a random cookie in place of the session.
"""

import hmac
import re
import secrets
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType

from trustmed.errors import Forbidden
from trustmed.web.proxies import is_https

FIELD: Final = "_csrf_token"
HEADER: Final = "x-csrftoken"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS: Final = (RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART)
EXEMPT: Final = "exclude_from_csrf"
"""Routes marked so have no session, or are guarded by `same_origin`, as everything under /api/ is."""
NONCE_DIGITS: Final = 16
STRANGER: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class Csrf(msgspec.Struct, frozen=True):
    secret: str
    cookie: str


class FormOutOfDate(Forbidden):
    """The form was not made by a page of this very session."""

    def __init__(self) -> None:
        super().__init__(
            "Форма устарела или открыта в другом сеансе. Откройте страницу заново и повторите.",
            "The form is out of date or belongs to another session. Open the page again and repeat.",
        )


def make_token(request: AnyConnection) -> tuple[str, Cookie | None]:
    """Return a token for a form of the page being rendered, and the cookie to send with it, if one is missing."""
    csrf: Csrf = request.app.state.csrf
    whose, cookie = _whose(request, csrf), None
    if whose is None:
        stranger = secrets.token_urlsafe(24)
        whose = _stranger(stranger)
        cookie = Cookie(
            key=csrf.cookie, value=stranger, path="/", httponly=True, secure=is_https(request), samesite="lax"
        )
    nonce = secrets.token_hex(NONCE_DIGITS // 2)
    return nonce + _hash(csrf, nonce, whose), cookie


async def check_form(request: Request[Any, Any, Any]) -> None:
    """Refuse a request that would change something and has no token of this session.

    It runs after the guards: the body of somebody who may not come in is not read. Raises FormOutOfDate.
    """
    is_exempt = request.route_handler.opt.get(EXEMPT) or request.scope["path"].startswith("/api/")
    if request.method in SAFE_METHODS or is_exempt:
        return
    given = request.headers.get(HEADER)
    if given is None and request.content_type[0] in FORMS:
        given = (await request.form()).get(FIELD)
    csrf: Csrf = request.app.state.csrf
    whose = _whose(request, csrf)
    if not isinstance(given, str) or whose is None or not _is_made_for(csrf, given, whose):
        raise FormOutOfDate


def _whose(request: AnyConnection, csrf: Csrf) -> str | None:
    """Return what the tokens of this request are bound to: the session, or the stranger's cookie if there is none."""
    if session := request.scope.get("auth"):
        return f"session {session}"
    found = request.cookies.get(csrf.cookie, "")
    return _stranger(found) if STRANGER.fullmatch(found) else None


def _stranger(cookie: str) -> str:
    return f"stranger {cookie}"


def _is_made_for(csrf: Csrf, token: str, whose: str) -> bool:
    nonce, given = token[:NONCE_DIGITS], token[NONCE_DIGITS:]
    return hmac.compare_digest(given.encode(), _hash(csrf, nonce, whose).encode())


def _hash(csrf: Csrf, nonce: str, whose: str) -> str:
    return hmac.digest(csrf.secret.encode(), f"{nonce} {whose}".encode(), "sha256").hex()
