"""Who sees the inside of a program: its metrics, and the description of its interfaces."""

import hmac
from typing import Any

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from trustmed.errors import TrustMedError
from trustmed.web.account import Identity
from trustmed.web.guards import Guard, role_is, signed_in
from trustmed.web.identity import bearer_token

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class MetricsClosed(TrustMedError):
    """Neither a token for metrics nor a session came with the request."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Для показателей нужен токен: заголовок Authorization: Bearer <токен>. Его печатает metrics-token.",
            "Metrics need a token: header Authorization: Bearer <token>. Command metrics-token prints it.",
        )


async def no_token(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Let nobody in by a token. Raises MetricsClosed."""
    raise MetricsClosed


def metrics_guard(secret: str, *roles: str, or_token: Guard = no_token) -> Guard:
    """Return a guard that lets in whoever knows the deployment's secret for metrics, and staff of these roles.

    `or_token`: says whether another token is good. It raises MetricsClosed, RoleNeeded and what `or_token` does.
    """
    by_role = role_is(*roles)

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        token = bearer_token(connection.headers.get("authorization"))
        if token is not None and hmac.compare_digest(token.encode(), secret.encode()):
            return
        if token is None and await _is_staff(connection):
            await by_role(connection, handler)
        else:
            await or_token(connection, handler)

    return guard


def description_guard(or_token: Guard = signed_in) -> Guard:
    """Return a guard that lets in everybody signed in, and whom `or_token` lets in."""

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        if not isinstance(connection.scope.get("user"), Identity):
            await or_token(connection, handler)

    return guard


def metrics_route(guard: Guard) -> ControllerRouterHandler:
    """Return the route `/metrics`, for Prometheus."""

    @get(
        "/metrics",
        guards=[guard],
        opt={"exclude_from_csrf": True, "machine_only": True},
        include_in_schema=False,
        sync_to_thread=False,
    )
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        # As a header: Litestar would add a second charset to the media type, and Prometheus refuses a type with two.
        return Response(generate_latest(request.app.state.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return metrics


async def _is_staff(connection: AnyConnection) -> bool:
    """Find the session of the cookie: routes for machines are not asked for one, so that they need no database."""
    state = connection.app.state
    token = connection.cookies.get(state.session_cookie_name)
    session = await state.sessions.find(token) if token else None
    connection.scope["user"] = session.identity if session else None
    return session is not None
