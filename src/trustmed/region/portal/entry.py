"""On whose behalf the portal calls: the citizen whose token it presents."""

from typing import Annotated, Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter

from trustmed.region.access.entry import client_guard, client_of, reader_of
from trustmed.region.access.model import Reader
from trustmed.region.citizens import proof, token
from trustmed.region.citizens.admission import Admitted

CITIZEN: Final = Reader("", "", "portal", "own")


async def citizen_enters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a citizen in whom a portal brings, before a byte of the body is read. Raises what `Entrance.admit` does."""
    state = connection.app.state
    client, reader = client_of(connection), reader_of(connection, CITIZEN)
    connection.state.admitted = await state.entrance.admit(state.pools, connection, client, reader)


GUARDS: Final = (client_guard(CITIZEN, "portal"), citizen_enters)


async def admitted(
    request: Request[Any, Any, Any],
    citizen_token: Annotated[
        str | None, HeaderParameter(name=token.HEADER, description="The citizen's ID token, given to this portal")
    ] = None,
    portal_proof: Annotated[
        str | None, HeaderParameter(name=proof.HEADER, description="Proof of the portal's key, RFC 9449; serves once")
    ] = None,
) -> Admitted:
    """Return the citizen whom the guard has let in."""
    return request.state.admitted
