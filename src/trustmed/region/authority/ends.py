"""When certificates end, and whose is in force: what the web server asks of the registry."""

from datetime import UTC, datetime

from trustmed.authority.names import Kind
from trustmed.authority.peer import Peer, verify_peer
from trustmed.authority.trust import trust_of
from trustmed.db.async_rows import find_structs, find_value
from trustmed.region.authority.model import End
from trustmed.region.authority.records import QUERIES
from trustmed.region.pools import GLANCE_SECONDS, Pools
from trustmed.schema import Place


async def find_ends(pools: Pools) -> list[End]:
    """Return the last end of every bearer's certificates in force. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.REGISTRY), patience=GLANCE_SECONDS) as connection:
        return await find_structs(connection, End, QUERIES["ends"])


async def find_peer(pools: Pools, kind: Kind, name: str) -> Peer | None:
    """Return whom the registry knows by this name, its newest certificate in force verified; None if it has none.

    Who is handed a certificate verifies that one instead (`verify_peer`): while the old and the new one overlap, either
    may sign. Raises PartMissing, TrustMissing, a kind of PeerRefused.
    """
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        content = await find_value(connection, QUERIES["content_of_bearer"], {"kind": kind, "name": name})
    return None if content is None else verify_peer((content,), trust_of(pools.topology), datetime.now(UTC))
