"""Opening a person's record to a reader: whom it is about, on what ground; refusals are recorded as well.

Everything of a record is read through an `OpenRecord`. There are two ways to one: `take_ground`, which tells the
person's clinics of an emergency before it returns, and `keep_ground`, for a ground that was taken that way before.
"""

from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.errors import NotFound
from trustmed.hot.copies import HotCopies
from trustmed.region.access.emergency import Staff, record_emergency_access, record_unverified_access
from trustmed.region.access.errors import GroundRefused
from trustmed.region.access.model import Access, Reader
from trustmed.region.persons.snils import person_of_snils
from trustmed.region.pools import Pools
from trustmed.region.record.event import Filters, Summary, Timeline
from trustmed.region.record.fallback import note_refusal_anywhere, person_of_patient
from trustmed.region.record.grounds import Claim, Granted, verify_claim
from trustmed.region.record.model import Body
from trustmed.region.record.service import body_of
from trustmed.region.record.timeline import HOT_PAGE, essentials, summary, timeline
from trustmed.region.registry.model import Document
from trustmed.region.registry.service import document_of_person


class PersonNotFound(NotFound):
    """The region's index has no person with the patient or the СНИЛС that was given."""

    def __init__(self) -> None:
        super().__init__(
            "В индексе региона этого человека нет. Если карта заведена только что, повторите через несколько секунд; "
            "иначе проверьте СНИЛС.",
            "The region's index does not know this person. If the card was just made, repeat in a few seconds; "
            "otherwise check the SNILS.",
        )


class RecordIsNarrow(GroundRefused):
    """Only what an emergency needs is open, and that is no document."""

    def __init__(self) -> None:
        super().__init__(
            "Документ не открыт: по новому визиту без записи видно только нужное для экстренной помощи. Документы "
            "откроют запись на приём, отметка регистратуры о приходе или согласие пациента, сделанные не вами, либо "
            "экстренный доступ.",
            "The document is not opened: a new visit without a booking opens only what an emergency needs. Documents "
            "are opened by a booking, an arrival noted at the desk or the patient's consent, made by somebody else, "
            "or by emergency access.",
        )


class OpenRecord(msgspec.Struct, frozen=True):
    """A person's record, open on a ground. `reader`: who reads it, as the audit trail names them."""

    person_id: UUID
    granted: Granted
    reader: Reader

    @property
    def access(self) -> Access:
        """The reading of it, by the name that the audit trail and the person read."""
        action = Action.RECORD_READ
        if not self.granted.verified:
            action = Action.RECORD_UNVERIFIED
        elif self.granted.is_narrow:
            action = Action.RECORD_NEW_VISIT
        return Access(self.reader, action, self.person_id)


class RecordPage(msgspec.Struct, frozen=True):
    """A page of an open record; a first page without filters has the facts in force as well."""

    record: OpenRecord
    timeline: Timeline
    summary: Summary | None = None


async def find_person_of(
    pools: Pools, reader: Reader, organization_id: int, patient_id: UUID | None, snils: str | None
) -> UUID:
    """Return the person a site asks about, by its own patient or by СНИЛС (eleven digits).

    Raises PersonNotFound (recorded), PartMissing, RecordUnreachable.
    """
    if patient_id is not None:
        found = await person_of_patient(pools, organization_id, patient_id)
    else:
        found = await person_of_snils(pools, snils or "")
    if found is None:
        error = PersonNotFound()
        await note_refusal_anywhere(pools, Access(reader, Action.RECORD_READ, None), error)
        raise error
    return found


async def take_ground(pools: Pools, reader: Reader, staff: Staff, person_id: UUID, claim: Claim) -> OpenRecord:
    """Open the record; of an emergency, and of a ground that was not verified, the person's clinics are told first.

    Raises GroundRefused (recorded), GroundUnclear, PartMissing.
    """
    record = await keep_ground(pools, reader, person_id, claim)
    if record.granted.ground == "break_glass":
        await record_emergency_access(pools, record.reader, staff, person_id, claim.reason)
    elif not record.granted.verified:
        await record_unverified_access(pools, record.reader, staff, person_id, record.granted.detail or "")
    return record


async def keep_ground(pools: Pools, reader: Reader, person_id: UUID, claim: Claim) -> OpenRecord:
    """Open the record on a ground that `take_ground` gave before: it is verified again, and nobody is told again.

    Raises GroundRefused (recorded), PartMissing.
    """
    as_whom = msgspec.structs.replace(reader, ground=claim.ground, organization_id=claim.organization_id)
    try:
        granted = await verify_claim(pools, person_id, claim)
    except GroundRefused as refusal:
        await note_refusal_anywhere(pools, Access(as_whom, Action.RECORD_READ, person_id), refusal)
        raise
    return OpenRecord(person_id, granted, msgspec.structs.replace(as_whom, detail=granted.detail))


async def read_page(
    pools: Pools,
    hot: HotCopies,
    record: OpenRecord,
    filters: Filters,
    *,
    after: str | None = None,
    limit: int = HOT_PAGE,
) -> RecordPage:
    """Return a page of the record; of a narrow one always what an emergency needs, whatever was asked.

    Raises CursorRefused, RecordUnreachable.
    """
    action = record.access.action
    if record.granted.is_narrow:
        found = await essentials(pools, record.access)
        return RecordPage(record, found.timeline, found)
    if after is None and filters == Filters() and limit == HOT_PAGE:
        whole = await summary(pools, hot, record.reader, record.person_id, action)
        return RecordPage(record, whole.timeline, whole)
    page = await timeline(pools, hot, record.reader, record.person_id, filters, after=after, limit=limit, action=action)
    return RecordPage(record, page)


async def read_document(pools: Pools, record: OpenRecord, document_id: UUID) -> tuple[Document, Body]:
    """Return a document of the person, whichever clinic signed it, with its exact bytes.

    Raises RecordIsNarrow (recorded), DocumentNotFound, StillInTransit, BodyDiffers, PartMissing.
    """
    if record.granted.is_narrow:
        refusal = RecordIsNarrow()
        await note_refusal_anywhere(pools, msgspec.structs.replace(record.access, document_id=document_id), refusal)
        raise refusal
    document = await document_of_person(pools, record.reader, record.person_id, document_id)
    return document, await body_of(pools, record.reader, record.person_id, document)
