"""The one list of tables that flow and where to: publications, row filters and checks are made from it."""

import msgspec

from trustmed.schema import Place


class Flow(msgspec.Struct, frozen=True):
    """One table carried from one place to another. `own_only`: a site gets only the rows of its organisations.

    `key` is the table's primary key. `recent_by` names the UUIDv7 column by which recent rows are compared at both ends
    (None: the table is not compared by recency).
    """

    table: str
    source: Place
    target: Place
    key: tuple[str, ...]
    own_only: bool = False
    recent_by: str | None = None


FLOWS: tuple[Flow, ...] = (
    Flow("mpi.patient", Place.SITE, Place.MPI, ("organization_id", "id"), recent_by="id"),
    Flow("record.visit", Place.SITE, Place.RECORD, ("organization_id", "id"), recent_by="id"),
    Flow(
        "record.visit_document",
        Place.SITE,
        Place.RECORD,
        ("organization_id", "document_id"),
        recent_by="document_id",
    ),
    Flow("audit.reading", Place.SITE, Place.RECORD, ("organization_id", "id"), recent_by="id"),
    Flow("audit.site_anchor", Place.SITE, Place.RECORD, ("organization_id", "id"), recent_by="id"),
    Flow("record.consent", Place.SITE, Place.RECORD, ("organization_id", "id"), recent_by="id"),
    Flow("registry.document", Place.DOCUMENTS, Place.REGISTRY, ("organization_id", "id"), recent_by="id"),
    Flow("registry.document_event", Place.DOCUMENTS, Place.REGISTRY, ("organization_id", "id"), recent_by="id"),
    Flow(
        "record.document_body",
        Place.DOCUMENTS,
        Place.RECORD,
        ("organization_id", "document_id"),
        recent_by="document_id",
    ),
    Flow("record.document_signature", Place.DOCUMENTS, Place.RECORD, ("organization_id", "id"), recent_by="id"),
    Flow("nsi.dictionary", Place.NSI, Place.SITE, ("oid",)),
    Flow("nsi.version", Place.NSI, Place.SITE, ("oid", "version")),
    Flow("nsi.alias", Place.NSI, Place.SITE, ("alias",)),
    Flow("nsi.publication", Place.NSI, Place.SITE, ("id",), recent_by="id"),
    Flow("nsi.entry", Place.NSI, Place.SITE, ("oid", "version", "key")),
    Flow("trust.revocation_list", Place.NSI, Place.SITE, ("issuer",)),
    Flow("mpi.patient_link", Place.MPI, Place.SITE, ("organization_id", "patient_id"), own_only=True),
    Flow("mpi.break_glass", Place.MPI, Place.SITE, ("organization_id", "id"), own_only=True, recent_by="id"),
    Flow("audit.region_anchor", Place.MPI, Place.SITE, ("id",), recent_by="id"),
    Flow("mpi.patient_link", Place.MPI, Place.REGISTRY, ("organization_id", "patient_id")),
    Flow("mpi.patient_link", Place.MPI, Place.RECORD, ("organization_id", "patient_id")),
    Flow("mpi.patient_link", Place.MPI, Place.BOOKING, ("organization_id", "patient_id")),
    Flow("booking.resource", Place.SITE, Place.BOOKING, ("organization_id", "id")),
    Flow("booking.slot", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.handover", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.recall", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.site_booking", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.site_request", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.attendance", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow("booking.settlement", Place.SITE, Place.BOOKING, ("organization_id", "id"), recent_by="id"),
    Flow(
        "booking.quota", Place.BOOKING, Place.SITE, ("organization_id", "visit_kind", "speciality_code"), own_only=True
    ),
    Flow("booking.handback", Place.BOOKING, Place.SITE, ("organization_id", "id"), own_only=True, recent_by="id"),
    Flow("booking.region_booking", Place.BOOKING, Place.SITE, ("organization_id", "id"), own_only=True, recent_by="id"),
    Flow("booking.region_request", Place.BOOKING, Place.SITE, ("organization_id", "id"), own_only=True, recent_by="id"),
    Flow("booking.conflict", Place.BOOKING, Place.SITE, ("organization_id", "id"), own_only=True, recent_by="id"),
)

HEARTBEAT = "replication.heartbeat"


def key_columns(table: str) -> tuple[str, ...]:
    """Return the primary key of a table that flows, empty for any other table."""
    if table == HEARTBEAT:
        return ("link", "seq")
    return next((flow.key for flow in FLOWS if flow.table == table), ())
