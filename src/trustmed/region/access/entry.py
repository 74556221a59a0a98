"""Find out which client system calls the region's interfaces, and whether it may: token, scope, rate."""

import time
from hashlib import sha256
from typing import Any, ClassVar, Final

import msgspec
from litestar import Request, Response

from trustmed.audit.actions import Action
from trustmed.errors import Forbidden, TrustMedError, Unavailable
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import note_refusal
from trustmed.region.accounts.model import Client, Scope
from trustmed.region.accounts.service import client_of_token
from trustmed.region.pools import PartMissing, Pools
from trustmed.schema import Place
from trustmed.web.errors import answer
from trustmed.web.identity import bearer_token

RETRY_SECONDS: Final = 5
KNOWN_SECONDS: Final = 900.0
"""How long a client may come in by what was last known of it, while the registry is down."""


class TokenRefused(TrustMedError):
    """The request has no token, an unknown one, or one of a disabled client."""

    status: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(
            "Нужен действующий токен клиента: заголовок Authorization: Bearer <токен>. "
            "Токен выдаёт команда trustmed region client-add.",
            "A valid client token is needed: header Authorization: Bearer <token>. "
            "Command trustmed region client-add makes one.",
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
    """Clients as last read from the registry, by token's hash: used while it is down, for KNOWN_SECONDS.

    A disabled client thus keeps coming in for that long at most, and only while the registry cannot be asked.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[float, Client]] = {}

    async def client(self, pools: Pools, token: str) -> Client | None:
        """Return the client of the token, or None. Raises PartMissing."""
        name = sha256(token.encode()).digest()
        try:
            client = await client_of_token(pools, token)
        except PartMissing:
            at, client = self._known.get(name, (float("-inf"), None))
            if time.monotonic() - at > KNOWN_SECONDS:
                raise
            return client
        if client is None:
            self._known.pop(name, None)
        else:
            self._known[name] = (time.monotonic(), client)
        return client


async def reader_of(request: Request[Any, Any, Any], scope: Scope, as_whom: Reader) -> Reader:
    """Return the client system that calls as a reader: `as_whom` with its id and name.

    Raises TokenRefused, ScopeNeeded, TooOften, PartMissing.
    """
    return (await client_of(request, scope, as_whom))[1]


async def client_of(
    request: Request[Any, Any, Any], scope: Scope, as_whom: Reader, *or_scope: Scope
) -> tuple[Client, Reader]:
    """Return the client system that calls, which needs one of these scopes, and the reader it is.

    Raises what `reader_of` does.
    """
    pools, buckets = request.app.state.pools, request.app.state.buckets
    token = bearer_token(request.headers.get("authorization"))
    client = await request.app.state.known_clients.client(pools, token) if token else None
    if client is None:
        raise TokenRefused
    reader = msgspec.structs.replace(as_whom, actor=str(client.id), actor_name=client.name)
    refusal = _refusal(client, scope, *or_scope)
    if refusal is not None:
        access = Access(reader, Action.CLIENT_ENTER, None)
        await note_refusal(pools, pools.of_place(Place.REGISTRY), access, "refused", refusal.code)
        raise refusal
    wait = buckets.take(client.name, client.requests_per_second)
    if wait:
        raise TooOften(client.requests_per_second, wait)
    return client, reader


def _refusal(client: Client, scope: Scope, *or_scope: Scope) -> TrustMedError | None:
    if client.disabled:
        return TokenRefused()
    return None if {scope, *or_scope} & set(client.scopes) else ScopeNeeded(client.name, scope)


def refusal_response(request: Request[Any, Any, Any], error: TrustMedError) -> Response[Any]:
    """Answer a client system with the error, and say when to come again and which scheme to use."""
    response = answer(request, error, error.status)
    wait = getattr(error, "retry_after_seconds", RETRY_SECONDS if isinstance(error, Unavailable) else None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
