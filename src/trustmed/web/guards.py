"""Who may come in: guards for routes, each named by whom it lets through.

They are coroutines because Litestar hands a plain function to a worker thread.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustmed.errors import Forbidden
from trustmed.web.identity import bearer_token, identity_of

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class RoleNeeded(Forbidden):
    """The account's role does not open this page or call."""


class ForeignOrigin(Forbidden):
    """A page of another site tried to act in the name of a signed-in person."""


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Anybody signed in. Raises NotSignedIn."""
    identity_of(connection)


def role_is(*roles: str) -> Guard:
    """Accounts of these roles. The guard raises NotSignedIn, RoleNeeded."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        identity = identity_of(connection)
        if identity.role not in roles:
            raise RoleNeeded(
                "У вашей учётной записи нет права на это действие. Обратитесь к руководителю организации.",
                "Your account has no right to do this. Ask the head of your organisation.",
            )

    return guard


async def same_origin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """For interfaces that take the session cookie: browsers name the origin of every request that changes anything."""
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
