"""Who of a site's staff asks: the site's signed statement is checked, and spent, before anything is read."""

import datetime as dt
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, ClassVar, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustmed.authority.peer import Peer, check_signature, verify_peer
from trustmed.authority.trust import PeerTrust, trust_of
from trustmed.db.async_rows import find_value
from trustmed.db.queries import load
from trustmed.errors import TrustMedError
from trustmed.region.pools import PartMissing, Pools
from trustmed.schema import Place
from trustmed.statement import HEADER, LASTS_SECONDS, NotAStatement, Sealed, Statement, digest, unseal
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)
PEER_SECONDS: Final = 30.0
"""How long a chain that was verified is believed again: a certificate revoked meanwhile counts until then."""
MOST_REMEMBERED: Final = 10_000


class StatementRefused(TrustMedError):
    """The site did not prove who of its staff asks."""

    status: ClassVar[int] = 401

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(
            f"Площадка не подтвердила, кто из её сотрудников спрашивает: {ru}. Программа площадки должна быть "
            f"зачислена в регион и подписывать каждый вопрос (заголовок {HEADER}); сообщите инженеру.",
            f"The site did not prove who of its staff asks: {en}. The site's program must be enrolled at the region "
            f"and sign every question (header {HEADER}); tell an engineer.",
        )


class StatementMissing(StatementRefused):
    """The question comes without a statement, as from a program of an earlier release."""

    def __init__(self) -> None:
        super().__init__(f"нет заголовка {HEADER}", f"there is no header {HEADER}")


class StatementSpent(StatementRefused):
    """The statement has served before."""

    def __init__(self) -> None:
        super().__init__("эта подпись уже использована", "this statement has been used")


async def statement_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a question without a statement before its body is read. Raises StatementRefused."""
    if HEADER not in connection.headers:
        raise StatementMissing


class Statements:
    """Checks statements, for one process. It remembers chains it verified, and statements that have served."""

    def __init__(self, topology: Topology, clock: Callable[[], float] = time.time) -> None:
        self._topology = topology
        self._clock = clock
        self._peers: dict[bytes, tuple[float, PeerTrust, Peer]] = {}
        self._spent: dict[str, float] = {}

    async def admit(self, pools: Pools, request: Request[Any, Any, Any], organization_id: int) -> Statement:
        """Return the statement of a request on behalf of an organisation, and spend it.

        Raises StatementRefused, StatementSpent, PeerRefused, TrustMissing.
        """
        given = request.headers.getall(HEADER, [])
        if len(given) != 1:
            raise StatementMissing
        try:
            sealed = unseal(given[0])
        except NotAStatement as error:
            raise StatementRefused(*error.args) from error
        peer = self._peer(sealed)
        check_signature(peer, sealed.signed, sealed.signature)
        self._check_speaker(peer, organization_id)
        self._check_question(sealed.statement, request.url.path, await request.body())
        await self._spend(pools, peer, sealed.statement)
        return sealed.statement

    def _peer(self, sealed: Sealed) -> Peer:
        """Return whose the chain is. Raises PeerRefused, TrustMissing."""
        trust, now = trust_of(self._topology), self._clock()
        name = sha256(b"".join(sealed.chain)).digest()
        until, believed, peer = self._peers.get(name, (0.0, None, None))
        if peer is None or believed is not trust or now > until:
            peer = verify_peer(sealed.chain, trust, dt.datetime.fromtimestamp(now, dt.UTC))
            if len(self._peers) >= MOST_REMEMBERED:
                self._peers.clear()
            self._peers[name] = (now + PEER_SECONDS, trust, peer)
        return peer

    def _check_speaker(self, peer: Peer, organization_id: int) -> None:
        """Raise StatementRefused unless the certificate and the topology both let the site speak for it."""
        site = self._topology.site_of_organization(organization_id)
        is_its_site = site is not None and (peer.names.kind, peer.names.name) == ("site", site.name)
        if not is_its_site or organization_id not in peer.names.organizations:
            raise StatementRefused(
                f"«{peer.label}» не говорит за организацию {organization_id}",
                f"{peer.label!r} does not speak for organisation {organization_id}",
            )

    def _check_question(self, statement: Statement, path: str, body: bytes) -> None:
        if statement.path != path or statement.body_sha256 != digest(body):
            raise StatementRefused("подписан другой вопрос", "it is of another question")
        if abs(self._clock() - statement.at) > LASTS_SECONDS:
            raise StatementRefused("подпись устарела; проверьте часы", "it is of another time; check the clocks")

    async def _spend(self, pools: Pools, peer: Peer, statement: Statement) -> None:
        """Spend the statement in this process and, for the others, in the index. Raises StatementSpent."""
        until = statement.at + 2 * LASTS_SECONDS
        name = sha256(f"{peer.label}\n{statement.nonce}".encode()).hexdigest()
        if len(self._spent) >= MOST_REMEMBERED:
            now = self._clock()
            self._spent = {one: end for one, end in self._spent.items() if end > now}
        if name in self._spent:
            raise StatementSpent
        self._spent[name] = until
        values = {"sha256": name, "until": dt.datetime.fromtimestamp(until, dt.UTC)}
        try:
            async with pools.connection(pools.of_place(Place.MPI), patience=1.0, longest_wait=1.0) as connection:
                is_first = await find_value(connection, QUERIES["spend"], values)
        except PartMissing:
            return  # what this process has seen is refused all the same, and a statement lasts a minute
        if not is_first:
            raise StatementSpent
