"""Hot copies of the summary of a person's record: their keys, and the effects that drop them.

A summary is read from the registry, from shards and from the booking database; each has an effect of its own that
vouches for what was read there.
"""

from typing import Final
from uuid import UUID

from trustmed.region.persons.drops import dropping_effect
from trustmed.schema import Place

DROP_RECORD: Final = "drop_hot_record"
DROP_RECORD_SHARD: Final = "drop_hot_record_shard"
DROP_RECORD_BOOKING: Final = "drop_hot_record_booking"
DOCUMENTS: Final = frozenset({"registry.document", "mpi.patient_link"})
EVENTS: Final = frozenset({"record.visit", "record.fact", "mpi.patient_link"})
BOOKINGS: Final = frozenset({"booking.site_booking", "booking.region_booking"})


def record_key(person_id: UUID) -> str:
    """Return the key of the hot copy of the summary of a person's record."""
    return f"person:{person_id}:record"


DROP_HOT_RECORD: Final = (
    dropping_effect(DROP_RECORD, Place.REGISTRY, DOCUMENTS, record_key),
    dropping_effect(DROP_RECORD_SHARD, Place.RECORD, EVENTS, record_key),
    dropping_effect(DROP_RECORD_BOOKING, Place.BOOKING, BOOKINGS, record_key),
)
