"""Who may call the portal's interface, on behalf of whom: token, scope, rate, СНИЛС."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from litestar import Request

from trustmed.errors import Forbidden, InputRefused, TrustMedError
from trustmed.region.access.model import Access, Action, Reader
from trustmed.region.access.service import denied
from trustmed.region.accounts.model import Client
from trustmed.region.accounts.service import client_of_token
from trustmed.region.pools import Pools
from trustmed.region.rate import Buckets
from trustmed.region.registry.snils import normalised
from trustmed.schema import Place
from trustmed.web.identity import bearer_token

SCOPE: Final = "portal"
SNILS_HEADER: Final = "X-Person-Snils"


class TokenRefused(TrustMedError):
    """No token, an unknown one, or one of a disabled client."""

    status: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(
            "Нужен действующий токен клиента: заголовок Authorization: Bearer <токен>. "
            "Токен выдаёт команда trustmed region client-add.",
            "A valid client token is needed: header Authorization: Bearer <token>. "
            "Command trustmed region client-add makes one.",
        )


class ScopeNeeded(Forbidden):
    """The client is known and may not use this interface."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Клиенту «{name}» интерфейс портала не открыт. Обратитесь к инженеру региона.",
            f"The portal's interface is not open to client {name!r}. Ask the region's engineer.",
        )


class TooOften(TrustMedError):
    """The client calls more often than agreed."""

    status: ClassVar[int] = 429

    def __init__(self, per_second: int, wait: float) -> None:
        super().__init__(
            f"Больше {per_second} запросов в секунду. Повторите позже.",
            f"More than {per_second} requests a second. Try again later.",
        )
        self.retry_after_seconds = max(1, round(wait))


class PersonNotNamed(InputRefused):
    """The СНИЛС is missing, or header and query name different people."""

    def __init__(self) -> None:
        super().__init__(
            f"Укажите СНИЛС: заголовок {SNILS_HEADER} (предпочтительно: не попадает в журналы) или параметр snils; "
            "если есть оба, они должны совпадать.",
            f"Name the SNILS: header {SNILS_HEADER} (preferred: it is in no log) or parameter snils; "
            "when both are there they must be equal.",
        )


async def reader_of(request: Request[Any, Any, Any], pools: Pools, buckets: Buckets) -> Reader:
    """The client system that calls, as a reader on the person's own ground.

    Raises TokenRefused, ScopeNeeded, TooOften, PartMissing.
    """
    token = bearer_token(request.headers.get("authorization"))
    client = await client_of_token(pools, token) if token else None
    if client is None:
        raise TokenRefused
    reader = Reader(str(client.id), client.name, "portal", "own")
    refusal = _refusal(client)
    if refusal is not None:
        access = Access(reader, Action.ENTER, None)
        await denied(pools, pools.of_place(Place.REGISTRY), access, "refused", refusal.code)
        raise refusal
    wait = buckets.take(client.name, client.requests_per_second)
    if wait:
        raise TooOften(client.requests_per_second, wait)
    return reader


def snils_of(texts: Iterable[str | None]) -> str:
    """Whose documents are asked for, by all that header and query say: eleven digits.

    Raises PersonNotNamed, SnilsRefused.
    """
    given = {normalised(text) for text in texts if text}
    if len(given) != 1:
        raise PersonNotNamed
    return given.pop()


def _refusal(client: Client) -> TrustMedError | None:
    if client.disabled:
        return TokenRefused()
    return None if SCOPE in client.scopes else ScopeNeeded(client.name)
