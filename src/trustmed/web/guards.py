"""Guards of routes, each named by whom it lets through.

They are coroutines because Litestar runs a plain function in a worker thread, which costs more than the check.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustmed.errors import Forbidden
from trustmed.web.identity import bearer_token, identity_of

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class RoleNeeded(Forbidden):
    """The account's role does not allow this page or call."""


class ForeignOrigin(Forbidden):
    """A page of another web site tried to act in the name of a signed-in person."""


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let through anybody who is signed in. Raises NotSignedIn."""
    identity_of(connection)


def role_is(*roles: str) -> Guard:
    """Return a guard that lets through accounts of these roles. It raises NotSignedIn, RoleNeeded."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        identity = identity_of(connection)
        if identity.role not in roles:
            raise RoleNeeded(
                "У вашей учётной записи нет права на это действие. Обратитесь к руководителю организации.",
                "Your account has no right to do this. Ask the head of your organisation.",
            )

    return guard


async def same_origin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let through requests of our own pages; browsers name the origin of every request that may change something.

    Interfaces that accept the session cookie need it: the CSRF token guards only pages. Raises ForeignOrigin.
    """
    if connection.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return
    if bearer_token(connection.headers.get("authorization")):
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    is_foreign = origin is not None and origin.partition("://")[2] != connection.headers.get("host")
    if is_foreign or site in ("cross-site", "same-site"):
        raise ForeignOrigin(
            "Запрос пришёл со страницы другого сайта и не выполнен.",
            "The request came from another site's page and was not carried out.",
        )
