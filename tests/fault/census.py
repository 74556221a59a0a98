"""Read what every database holds of documents, row by row, to judge a fault test."""

from collections.abc import Iterator

import msgspec

from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology

BODIES = "select organization_id, document_id::text, encode(sha256(content), 'hex') from record.document_body"
METADATA = "select organization_id, id::text, encode(sha256, 'hex') from registry.document"
SIGNATURES = "select organization_id, document_id::text, count(*) from record.document_signature group by 1, 2"
EVENTS = "select organization_id, document_id::text, count(*) from registry.document_event group by 1, 2"

Rows = dict[tuple[int, str], str | int]


class Census(msgspec.Struct, frozen=True):
    """By (organisation, document): SHA-256 in hex of metadata and of the body's real bytes; counts of the rest."""

    metadata: Rows
    bodies: Rows
    signatures: Rows
    events: Rows


def site_census(topology: Topology) -> Census:
    """Return what the clinics hold."""
    databases = [topology.database_of(Place.DOCUMENTS, site) for site in topology.site]
    return Census(*(_gather(topology, databases, query) for query in (METADATA, BODIES, SIGNATURES, EVENTS)))


def region_census(topology: Topology) -> Census:
    """Return what the registry and the shards hold."""
    registry = [topology.database_of(Place.REGISTRY)]
    shards = list(dict.fromkeys(topology.database_of(Place.RECORD, site) for site in topology.site))
    return Census(
        _gather(topology, registry, METADATA),
        _gather(topology, shards, BODIES),
        _gather(topology, shards, SIGNATURES),
        _gather(topology, registry, EVENTS),
    )


def _gather(topology: Topology, databases: list[Database], query: str) -> Rows:
    rows: Rows = {}
    for organization_id, document_id, value in _rows(topology, databases, query):
        assert (organization_id, document_id) not in rows, f"{document_id} twice"
        rows[organization_id, document_id] = value
    return rows


def _rows(topology: Topology, databases: list[Database], query: str) -> Iterator[tuple[int, str, str | int]]:
    for database in databases:
        with connect(topology, database, "administrator", "census") as connection:
            yield from connection.execute(query.encode()).fetchall()
