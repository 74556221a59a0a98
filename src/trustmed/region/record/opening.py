"""Opening a person's record to a reader: whom it is about, on what ground; refusals are recorded as well."""

from contextlib import suppress
from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.db.queries import load
from trustmed.errors import NotFound
from trustmed.hot.copies import HotCopies
from trustmed.region.access.model import Access, Reader
from trustmed.region.persons.snils import person_of_snils
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.region.record.event import Summary, Timeline, Wanted
from trustmed.region.record.grounds import Claim, Granted, GroundRefused, granted
from trustmed.region.record.parts import PART_SECONDS, RecordUnreachable, denied_anywhere
from trustmed.region.record.timeline import HOT_PAGE, summary, timeline
from trustmed.schema import Place

QUERIES = load(__package__)


class PersonNotFound(NotFound):
    """Nobody in the region's index is known by what was given."""

    def __init__(self) -> None:
        super().__init__(
            "В индексе региона этого человека нет. Если карта заведена только что, повторите через несколько секунд; "
            "иначе проверьте СНИЛС.",
            "The region's index does not know this person. If the card was just made, repeat in a few seconds; "
            "otherwise check the SNILS.",
        )


class Opened(msgspec.Struct, frozen=True):
    """A page of a record, the ground it was opened on, and on a first page without filters what stands."""

    person_id: UUID
    granted: Granted
    timeline: Timeline
    summary: Summary | None = None


async def person_of_patient(pools: Pools, organization_id: int, patient_id: UUID) -> UUID | None:
    """The person a patient of an organisation stands for, by the first part that answers. Raises RecordUnreachable."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    databases = [pools.of_place(Place.REGISTRY), pools.of_place(Place.MPI)]
    with suppress(OrganizationUnknown):  # one that has left the topology: the register and the index keep its links
        databases.append(pools.shard_of(organization_id))
    for database in dict.fromkeys(databases):
        try:
            async with pools.connection(database, patience=PART_SECONDS) as connection:
                row = await (await connection.execute(QUERIES["person_of_patient"], values)).fetchone()
        except PartMissing:
            continue
        return row[0] if row else None
    raise RecordUnreachable


async def person_named(
    pools: Pools, reader: Reader, organization_id: int, patient_id: UUID | None, snils: str | None
) -> UUID:
    """Whom a site asks about: its own patient or an СНИЛС (eleven digits).

    Raises PersonNotFound (recorded), PartMissing, RecordUnreachable.
    """
    if patient_id is not None:
        found = await person_of_patient(pools, organization_id, patient_id)
    else:
        found = await person_of_snils(pools, snils or "")
    if found is None:
        error = PersonNotFound()
        await denied_anywhere(pools, Access(reader, Action.RECORD_READ, None), error)
        raise error
    return found


async def opened(
    pools: Pools,
    hot: HotCopies,
    reader: Reader,
    person_id: UUID,
    claim: Claim,
    wanted: Wanted,
    *,
    after: str | None = None,
    limit: int = HOT_PAGE,
) -> Opened:
    """A page of the record. Raises GroundRefused (recorded), CursorRefused, RecordUnreachable, PartMissing."""
    taken, as_whom = await ground_taken(pools, reader, person_id, claim)
    if after is None and wanted == Wanted() and limit == HOT_PAGE:
        whole = await summary(pools, hot, as_whom, person_id)
        return Opened(person_id, taken, whole.timeline, whole)
    page = await timeline(pools, hot, as_whom, person_id, wanted, after=after, limit=limit)
    return Opened(person_id, taken, page)


async def ground_taken(pools: Pools, reader: Reader, person_id: UUID, claim: Claim) -> tuple[Granted, Reader]:
    """The ground, and the reader as the audit log shall name them. Raises GroundRefused (recorded), PartMissing."""
    as_whom = msgspec.structs.replace(reader, ground=claim.ground, organization_id=claim.organization_id)
    try:
        taken = await granted(pools, person_id, claim)
    except GroundRefused as refusal:
        await denied_anywhere(pools, Access(as_whom, Action.RECORD_READ, person_id), refusal)
        raise
    return taken, msgspec.structs.replace(as_whom, detail=taken.detail)
