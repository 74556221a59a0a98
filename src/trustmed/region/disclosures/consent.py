"""List the consents by which a person lets clinics read their integrated record."""

from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.model import Consent, Consents
from trustmed.region.disclosures.parts import ask_all
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)


async def consents_of(pools: Pools, reader: Reader, person_id: UUID) -> Consents:
    """Return all the person's consents; a part that is down is named in `missing`."""

    async def ask(connection: AsyncConnection, database: Database) -> list[Consent]:
        if Place.RECORD not in database.places:
            return []
        return await find_structs(connection, Consent, QUERIES["consents"], {"person_id": person_id})

    answers = await ask_all(pools, reader, Action.CONSENTS_READ, person_id, ask)
    found = [consent for part in answers.found for consent in part]
    found.sort(key=lambda one: (one.in_force, one.given_at), reverse=True)
    return Consents(tuple(found), tuple(one for one in answers.missing if one.organizations))
