"""The signed-in account of a request, found by cookie or bearer token."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from trustmed.errors import Forbidden, TrustMedError
from trustmed.web import i18n
from trustmed.web.account import Identity, Owed
from trustmed.web.sessions import WHOLE_LIFE, SessionStore

MAY_OWE: Final = "may_owe"
"""Marks routes that are open to whoever must first change the password or set up the second factor."""


class NotSignedIn(TrustMedError):
    """The page or call is only for people who are signed in."""

    status = 401


class SetUpNeeded(Forbidden):
    """The account must change its password or set up the second factor before it may do anything else."""

    def __init__(self, owes: Owed) -> None:
        if owes == "password":
            super().__init__(
                "Пароль временный: смените его на странице «Учётная запись» (/account), потом откроется всё остальное.",
                "The password is temporary: change it on page Account (/account); all else opens after that.",
            )
        else:
            super().__init__(
                "Подключите код входа на странице «Учётная запись» (/account), остальное откроется после этого.",
                "Set up the sign-in code on page Account (/account); all else opens after that.",
            )


def session_cookie(name: str, token: str, *, https: bool) -> Cookie:
    """Return the cookie with a session's token; an empty token makes the browser delete the cookie."""
    return Cookie(
        key=name,
        value=token,
        path="/",
        httponly=True,
        secure=https,
        samesite="lax",
        max_age=int(WHOLE_LIFE.total_seconds()) if token else 0,
    )


class IdentityMiddleware(ASGIMiddleware):
    """Puts the Identity (or None) into scope["user"] and the session's token into scope["auth"].

    Routes marked `machine_only` are left out: their bearer tokens belong to systems and are not sessions.
    """

    exclude_opt_key = "machine_only"

    def __init__(self, cookie_name: str, store: SessionStore) -> None:
        self._cookie_name = cookie_name
        self._store = store

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        token = bearer_token(connection.headers.get("authorization")) or connection.cookies.get(self._cookie_name)
        session = await self._store.find(token) if token else None
        identity = session.identity if session else None
        scope["user"], scope["auth"] = identity, token if identity else None
        if identity is not None:
            cookie = connection.cookies.get(i18n.COOKIE)
            i18n.current.set(i18n.choose(cookie, identity.language, connection.headers.get("accept-language")))
        await next_app(scope, receive, send)


def bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header of scheme Bearer, None for any other header."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def role_open_to(identity: object) -> str:
    """Return the role whose pages a menu may show to whoever is signed in; empty if there are none."""
    return identity.role if isinstance(identity, Identity) and not identity.owes else ""


def identity_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Identity:
    """Return who is signed in. Raises NotSignedIn, and SetUpNeeded unless the route is marked MAY_OWE."""
    identity = connection.scope.get("user")
    if not isinstance(identity, Identity):
        raise NotSignedIn("Войдите в систему, чтобы продолжить.", "Sign in to continue.")
    if identity.owes and not connection.route_handler.opt.get(MAY_OWE):
        raise SetUpNeeded(identity.owes)
    return identity
