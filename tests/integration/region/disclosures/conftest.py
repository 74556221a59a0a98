"""Rows that links would have brought to the shards."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from tests.fix_region import HOSPITAL, RegionStand
from trustmed.schema import Place

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


def add_reading(
    region: RegionStand,
    patient_id: UUID,
    organization_id: int = HOSPITAL,
    *,
    at: datetime = NOON,
    who: str = "Проверкин Пётр",
    ground: str = "treatment",
    detail: str | None = None,
) -> UUID:
    """Add a reading by a site's staff."""
    identifier = uuid4()
    with region.admin(Place.RECORD, organization_id) as connection:
        connection.execute(
            "insert into audit.reading (organization_id, id, at, actor_name, actor_position, action, ground,"
            " ground_detail, patient_id) values (%s, %s, %s, %s, 'врач-терапевт', 'patient:card:read', %s, %s, %s)",
            (organization_id, identifier, at, who, ground, detail, patient_id),
        )
    return identifier


def add_consent(
    region: RegionStand,
    patient_id: UUID,
    organization_id: int = HOSPITAL,
    days: int | None = None,
    revoked: bool = False,
) -> UUID:
    """Add a consent whose last day is `days` from today (None: without an end)."""
    identifier = uuid4()
    with region.admin(Place.RECORD, organization_id) as connection:
        connection.execute(
            "insert into record.consent (organization_id, id, patient_id, recorded_by, recorded_by_name, valid_until,"
            " revoked_at, revoked_by_name) values (%(organization)s, %(id)s, %(patient)s, %(patient)s, 'x',"
            " current_date + %(days)s::integer, case when %(revoked)s then now() end,"
            " case when %(revoked)s then 'x' end)",
            {
                "organization": organization_id,
                "id": identifier,
                "patient": patient_id,
                "days": days,
                "revoked": revoked,
            },
        )
    return identifier
