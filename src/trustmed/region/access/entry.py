"""Find out which client system calls the region's interfaces, and whether it may: token, scope, rate."""

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar, Final

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustmed.audit.actions import Action
from trustmed.errors import Forbidden, TrustMedError, Unavailable
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import note_refusal
from trustmed.region.accounts.model import Client, Scope
from trustmed.region.accounts.service import client_of_token
from trustmed.region.pools import PartMissing, Pools
from trustmed.schema import Place
from trustmed.web.errors import answer
from trustmed.web.guards import Guard
from trustmed.web.identity import bearer_token

AnyConnection = ASGIConnection[Any, Any, Any, Any]
CLIENT_KEY: Final = "client"
"""Where in a request's state the guard leaves the client."""

RETRY_SECONDS: Final = 5
KNOWN_SECONDS: Final = 900.0
"""How long a client may come in by what was last known of it, while the registry is unreachable."""
KNOWN_WHILE_SLOW_SECONDS: Final = 30.0
"""The same while the registry is only slow or full, which a caller may bring about."""


class TokenRefused(TrustMedError):
    """The request has no token, an unknown one, or one of a disabled client."""

    status: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(
            "Нужен действующий токен клиента: заголовок Authorization: Bearer <токен>. "
            "Токен выдаёт команда trustmed region client add.",
            "A valid client token is needed: header Authorization: Bearer <token>. "
            "Command trustmed region client add makes one.",
        )


class ScopeNeeded(Forbidden):
    """The client is known but may not use this interface."""

    def __init__(self, name: str, scope: Scope) -> None:
        super().__init__(
            f"Клиенту «{name}» этот интерфейс ({scope}) не открыт. Обратитесь к инженеру региона.",
            f"This interface ({scope}) is not open to client {name!r}. Ask the region's engineer.",
        )


class TooOften(TrustMedError):
    """The client calls more often than its limit allows."""

    status: ClassVar[int] = 429

    def __init__(self, per_second: int, wait: float) -> None:
        super().__init__(
            f"Больше {per_second} запросов в секунду. Повторите позже.",
            f"More than {per_second} requests a second. Try again later.",
        )
        self.retry_after_seconds = max(1, round(wait))


class KnownClients:
    """Clients as last read from the registry, by token's hash: used while it cannot be asked, for KNOWN_SECONDS.

    A disabled client thus keeps coming in for that long at most, and only while the registry is away.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[float, Client]] = {}

    async def client(self, pools: Pools, token: str) -> Client | None:
        """Return the client of the token, or None. Raises PartMissing."""
        name = sha256(token.encode()).digest()
        try:
            client = await client_of_token(pools, token)
        except PartMissing as missing:
            at, client = self._known.get(name, (float("-inf"), None))
            lasting = KNOWN_SECONDS if missing.is_unreachable else KNOWN_WHILE_SLOW_SECONDS
            if time.monotonic() - at > lasting:
                raise
            return client
        if client is None:
            self._known.pop(name, None)
        else:
            self._known[name] = (time.monotonic(), client)
        return client


def client_guard(as_whom: Reader, *scopes: Scope) -> Guard:
    """Return a guard that lets through client systems with one of these scopes, before a byte of the body is read.

    `as_whom` is what the audit log says of a client refused. It raises TokenRefused, ScopeNeeded, TooOften,
    PartMissing.
    """

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        connection.scope["state"][CLIENT_KEY] = await _let_in(connection, as_whom, scopes)

    return guard


def reader_of(request: AnyConnection, as_whom: Reader) -> Reader:
    """Return the client system that `client_guard` let in as a reader: `as_whom` with its id and name."""
    client = client_of(request)
    return msgspec.structs.replace(as_whom, actor=str(client.id), actor_name=client.name)


def client_of(request: AnyConnection) -> Client:
    """Return the client system that `client_guard` let in."""
    return request.scope["state"][CLIENT_KEY]


async def _let_in(connection: AnyConnection, as_whom: Reader, scopes: Sequence[Scope]) -> Client:
    pools, buckets = connection.app.state.pools, connection.app.state.buckets
    token = bearer_token(connection.headers.get("authorization"))
    client = await connection.app.state.known_clients.client(pools, token) if token else None
    if client is None:
        raise TokenRefused
    refusal = _refusal(client, scopes)
    if refusal is not None:
        reader = msgspec.structs.replace(as_whom, actor=str(client.id), actor_name=client.name)
        access = Access(reader, Action.CLIENT_ENTER, None)
        await note_refusal(pools, pools.of_place(Place.REGISTRY), access, "refused", refusal.code)
        raise refusal
    wait = buckets.take(client.name, client.requests_per_second)
    if wait:
        raise TooOften(client.requests_per_second, wait)
    return client


def _refusal(client: Client, scopes: Sequence[Scope]) -> TrustMedError | None:
    if client.disabled:
        return TokenRefused()
    return None if set(scopes) & set(client.scopes) else ScopeNeeded(client.name, scopes[0])


def refusal_response(request: Request[Any, Any, Any], error: TrustMedError) -> Response[Any]:
    """Answer a client system with the error, and say when to come again and which scheme to use."""
    response = answer(request, error, error.status)
    wait = getattr(error, "retry_after_seconds", RETRY_SECONDS if isinstance(error, Unavailable) else None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = getattr(error, "challenge", "Bearer")
    return response
