"""The tables that the change feed of each place publishes to its consumers, and the columns that it leaves out."""

from trustmed.schema import Place

FEED_PUBLICATION = "feed"
FEED_SLOT = "feed"

WATCHED: dict[Place, tuple[str, ...]] = {
    Place.MPI: ("mpi.patient", "mpi.patient_link", "mpi.rematch"),
    Place.REGISTRY: ("registry.document", "registry.document_event", "mpi.patient_link"),
    Place.BOOKING: (
        "booking.resource",
        "booking.slot",
        "booking.handover",
        "booking.handback",
        "booking.recall",
        "booking.site_booking",
        "booking.region_booking",
        "booking.site_request",
        "mpi.patient_link",
    ),
    Place.RECORD: (
        "record.document_body",
        "record.document_signature",
        "record.visit",
        "record.fact",
        "mpi.patient_link",
    ),
}

# Contents of documents and of their signatures: no effect reads them, and each would go to every consumer.
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "record.document_body": ("content",),
    "record.document_signature": ("content",),
}
