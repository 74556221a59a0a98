"""Let a citizen in: check the token and the portal's proof, spend the proof, find the person. Then all else may begin.

The same few lines of the index tell every process that a proof has served and whether what was found of a number still
holds, in one question to the database; cards are read, on record, only when something of them has changed.
"""

import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_rows
from trustmed.db.queries import load
from trustmed.errors import TrustMedError, Unavailable
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import note_refusal, open_reading
from trustmed.region.accounts.model import Client
from trustmed.region.citizens import questions
from trustmed.region.citizens.agreement import Stated, find_agreeing
from trustmed.region.citizens.errors import (
    CitizenInDoubt,
    CitizenIsAnother,
    CitizensNotSetUp,
    CitizenTokenRefused,
    PortalNotBound,
    ProofSpent,
)
from trustmed.region.citizens.keys import ProviderKeys
from trustmed.region.citizens.proof import HEADER as PROOF_HEADER
from trustmed.region.citizens.proof import Proof, Sent, verify_proof
from trustmed.region.citizens.token import HEADER as TOKEN_HEADER
from trustmed.region.citizens.token import Citizen, Tokens
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.file.citizens import Citizens

QUERIES = load(__package__)
MOST_REMEMBERED: Final = 10_000

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Doubt = type[CitizenInDoubt] | type[CitizenIsAnother]


class Found(msgspec.Struct, frozen=True):
    """What was found of an identity while the version of its number was this."""

    version: str
    person_id: UUID | None
    doubt: Doubt | None = None


class Admitted(msgspec.Struct, frozen=True):
    """A citizen who may act. `person_id`: None if no card of the region bears their number."""

    reader: Reader
    citizen: Citizen
    person_id: UUID | None

    @property
    def stated(self) -> Stated:
        return stated_by(self.citizen)


class Entrance:
    """What lets citizens in, for one process. Without `[region.citizens]` it lets nobody in."""

    def __init__(self, citizens: Citizens | None, folder: Path) -> None:
        self._address = citizens.address if citizens else None
        self._keys = ProviderKeys(citizens, folder) if citizens else None
        self._tokens = Tokens(citizens, self._keys) if citizens and self._keys else None
        self._found: dict[str, Found] = {}

    async def close(self) -> None:
        if self._keys is not None:
            await self._keys.close()

    async def admit(self, pools: Pools, connection: AnyConnection, client: Client, reader: Reader) -> Admitted:
        """Return the citizen of a request, before its body is read. A refusal is recorded.

        Raises CitizensNotSetUp, PortalNotBound, CitizenTokenRefused, CitizenTokenExpired, LevelTooLow, ProofRefused,
        ProofSpent, CitizenInDoubt, CitizenIsAnother, ProviderAway, PartMissing.
        """
        try:
            citizen, proof = await self._verify(connection, client)
            reader = msgspec.structs.replace(reader, detail=f"sub {citizen.sub}")
            found = await self._enter(pools, reader, citizen, proof)
            if found.doubt is not None:
                raise found.doubt
        except Unavailable:
            raise
        except TrustMedError as error:
            access = Access(reader, Action.CITIZEN_ENTER, None)
            await note_refusal(pools, pools.of_place(Place.MPI), access, "refused", error.code)
            raise
        return Admitted(reader, citizen, found.person_id)

    async def _verify(self, connection: AnyConnection, client: Client) -> tuple[Citizen, Proof]:
        """Check what can be checked without the database."""
        if self._tokens is None:
            raise CitizensNotSetUp
        if client.audience is None or client.key_thumbprint is None:
            raise PortalNotBound(client.name)
        text = _only(connection.headers.getall(TOKEN_HEADER, []))
        citizen = await self._tokens.verify(text, client.audience)
        if citizen.key not in (None, client.key_thumbprint):
            raise CitizenTokenRefused("привязан к другому ключу (cnf)", "it is bound to another key (cnf)")
        sent = Sent(connection.scope.get("method", ""), self._address_of(connection), text)
        proofs = connection.headers.getall(PROOF_HEADER, [])
        return citizen, verify_proof(proofs, sent, client.key_thumbprint, time.time())

    async def _enter(self, pools: Pools, reader: Reader, citizen: Citizen, proof: Proof) -> Found:
        values = {"proof": proof.sha256, "until": proof.until, "snils": citizen.snils}
        async with pools.connection(pools.of_place(Place.MPI)) as connection:
            (row,) = await find_rows(connection, QUERIES["enter"], values)
        if not row["fresh"]:
            raise ProofSpent
        version: str | None = row["version"]
        if version is None:
            return Found("", None)
        stated = stated_by(citizen)
        known = self._found.get(stated.sha256)
        if known is None or known.version != version:
            known = await _look(pools, reader, citizen, stated, version)
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[stated.sha256] = known
        return known

    def _address_of(self, connection: AnyConnection) -> str:
        """Return the address of the request as its sender wrote it."""
        base = (self._address or str(connection.base_url)).rstrip("/")
        return f"{base}{connection.url.path}"


def stated_by(citizen: Citizen) -> Stated:
    return Stated(citizen.snils, citizen.surname, citizen.given_name, citizen.patronymic, citizen.birth_date)


async def _look(pools: Pools, reader: Reader, citizen: Citizen, stated: Stated, version: str) -> Found:
    """Compare the token with the cards that bear its number, on record; ask a steward if they do not agree."""
    at_work = msgspec.structs.replace(reader, ground="service")
    access = Access(at_work, Action.INDEX_CITIZEN, None)
    async with open_reading(pools, pools.of_place(Place.MPI), access) as connection:
        persons = await questions.find_persons_of_number(connection, citizen.snils)
        person = find_agreeing(stated, persons)
        if person is not None:
            await questions.withdraw(connection, stated)
            return Found(version, person.id)
        answer = await questions.find_answer(connection, stated)
        if answer and answer.cards_sha256 == questions.digest_of(persons, answer.person_id):
            return Found(version, answer.person_id, None if answer.outcome == "same" else CitizenIsAnother)
        await questions.ask(connection, stated, citizen.sub, reader.actor_name)
    return Found(version, None, CitizenInDoubt)


def _only(texts: list[str]) -> str:
    if len(texts) > 1:
        raise CitizenTokenRefused(f"заголовков {TOKEN_HEADER} несколько", f"there are several headers {TOKEN_HEADER}")
    return texts[0] if texts else ""
