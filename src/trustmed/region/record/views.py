"""What the record's interface takes and answers with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from trustmed.region.organizations import OrganizationView, organization_view
from trustmed.region.record.event import Event, Filters
from trustmed.region.record.grounds import Claim, Ground, Seen
from trustmed.region.record.opening import RecordPage
from trustmed.region.record.timeline import HOT_PAGE, LONGEST_PAGE
from trustmed.region.shards import Missing
from trustmed.statement import Statement
from trustmed.topology.file.spec import Topology


class Asker(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The organisation whose staff asks, the person (the site's patient, or СНИЛС), and the ground.

    Who asks stands in the site's signed statement (header X-Staff-Statement), and nowhere else.
    """

    organization_id: int
    ground: Ground
    patient_id: UUID | None = None
    snils: str | None = None
    reason: Annotated[str, msgspec.Meta(max_length=4000)] = ""

    def claim(self, statement: Statement) -> Claim:
        seen = Seen(statement.visit_day, statement.visit_is_of_another) if statement.visit_day else None
        return Claim(self.ground, self.organization_id, self.reason, statement.account, statement.employee_id, seen)


class AskingDocument(Asker, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request for one document, whichever clinic signed it."""

    document_id: UUID


class Asking(Asker, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request for events."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    organizations: tuple[int, ...] = ()
    text: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_PAGE)] = HOT_PAGE

    def filters(self) -> Filters:
        return Filters(self.kinds, self.since, self.before, self.organizations, self.text or None)


class GroundView(msgspec.Struct, frozen=True):
    """The ground. `verified` is false if the part that knows is away and the site's word was taken.

    `narrow`: only what an emergency needs is open, because nobody but the reader stands for the visit.
    """

    ground: Ground
    verified: bool
    narrow: bool
    detail: str | None


class SummaryView(msgspec.Struct, frozen=True):
    """Diagnoses that have not ended, allergies, the last of each measurement; the newest first."""

    diagnoses: tuple[Event, ...]
    allergies: tuple[Event, ...]
    vitals: tuple[Event, ...]


class RecordView(msgspec.Struct, frozen=True):
    """A page of a record. With `missing` it is partial. `organizations`: all that are named in it."""

    person_id: UUID
    ground: GroundView
    events: tuple[Event, ...]
    missing: tuple[Missing, ...]
    shards: tuple[str, ...]
    organizations: list[OrganizationView]
    summary: SummaryView | None
    after: str | None


def record_view(topology: Topology, found: RecordPage) -> RecordView:
    page, stands, granted = found.timeline, found.summary, found.record.granted
    mentioned = {event.organization_id for event in page.events}
    mentioned.update(number for one in page.missing for number in one.organizations)
    summary = None
    if stands is not None:
        summary = SummaryView(stands.diagnoses, stands.allergies, stands.vitals)
        mentioned.update(one.organization_id for one in (*stands.diagnoses, *stands.allergies, *stands.vitals))
    return RecordView(
        person_id=found.record.person_id,
        ground=GroundView(granted.ground, granted.verified, granted.is_narrow, granted.detail),
        events=page.events,
        missing=page.missing,
        shards=page.touched,
        organizations=[organization_view(topology, number) for number in sorted(mentioned)],
        summary=summary,
        after=page.after,
    )
