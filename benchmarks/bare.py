"""The limit: PostgreSQL's own logical replication of the same rows, with no application in the way.

One source and two targets (registry and shard) have the project's tables; publications and subscriptions are made here.
"""

import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg

from benchmarks.watch import Watched, Watcher, commit_times, lags
from trustmed.db.migrate import grant_creation, migrate
from trustmed.embedded import cluster, postgres
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.unprivileged import data_root
from trustmed.schema import Place, roles_sql

ORGANIZATION = 1
WRITERS = 4
PASSWORD = "bench"  # noqa: S105 servers that live for a minute
REGISTRY_TABLES = ("registry.document", "registry.document_event")
SHARD_TABLES = ("record.document_body", "record.document_signature")
INSERTS = (
    "insert into registry.document (organization_id, id, set_id, patient_id, kind, title, author_id, author_name,"
    " author_position, created_at, signed_at, size_bytes, sha256, signature_count)"
    " values (%(o)s, %(id)s, %(id)s, %(p)s, '119', 'Протокол консультации', %(p)s, 'Врач', '110', now(), now(),"
    " %(size)s, %(sha)s, 2)",
    "insert into registry.document_event (organization_id, document_id, event, actor_id, actor_name)"
    " values (%(o)s, %(id)s, 'signed', %(p)s, 'Врач')",
    "insert into record.document_body (organization_id, document_id, patient_id, sha256, content)"
    " values (%(o)s, %(id)s, %(p)s, %(sha)s, %(body)s)",
    "insert into record.document_signature (organization_id, document_id, patient_id, role, signer_name, algorithm,"
    " certificate_serial, certificate_sha256, verified_at, content)"
    " select %(o)s, %(id)s, %(p)s, role, 'Врач', 'ecdsa', '01', '02', now(), %(cms)s"
    " from unnest(array['doctor', 'organization']) role",
)


class Bare(msgspec.Struct, frozen=True):
    """`lags`: milliseconds from commit to visibility at both targets, by rate in documents a second. `visible_per_s`:
    documents a second until all are visible, when the writers write without a pause.
    """

    lags: dict[int, list[float]]
    visible_per_s: float


def bare_replication(rates: tuple[int, ...], seconds: int, sustained: int, body: bytes, cms: bytes) -> Bare:
    """Measure at each rate, then `sustained` documents without a pause."""
    with _servers() as servers:
        document = (body, cms)
        paced = {rate: _measure(servers, rate * seconds, rate, document)[0] for rate in rates}
        return Bare(paced, _measure(servers, sustained, None, document)[1])


def _measure(
    servers: tuple[str, str, str], count: int, rate: float | None, document: tuple[bytes, bytes]
) -> tuple[list[float], float]:
    """Write the documents; return the lags, and documents a second until all were visible."""
    source, registry, shard = servers
    watchers = [
        Watcher(Watched(registry, "registry", "document", "id")),
        Watcher(Watched(shard, "record", "document_body", "document_id")),
    ]
    identifiers = [str(uuid.uuid4()) for _ in range(count)]
    writers = [
        threading.Thread(
            target=_write_documents, args=(source, identifiers[n::WRITERS], rate and rate / WRITERS, *document)
        )
        for n in range(WRITERS)
    ]
    begun = time.time()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    visible = [watcher.seen(identifiers) for watcher in watchers]
    seconds = max(moment for place in visible for moment in place.values()) - begun
    committed = commit_times(Watched(source, "registry", "document", "id"), ORGANIZATION)
    return lags(committed, *visible), count / seconds


def _write_documents(source: str, identifiers: list[str], rate: float | None, body: bytes, cms: bytes) -> None:
    content = body + os.urandom(16)
    row = {"o": ORGANIZATION, "p": str(uuid.uuid4()), "size": len(content), "body": content, "cms": cms}
    row["sha"] = sha256(content).digest()
    with psycopg.connect(source, autocommit=True) as connection:
        begun = time.monotonic()
        for number, identifier in enumerate(identifiers):
            if rate:
                time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            with connection.transaction():
                for statement in INSERTS:
                    connection.execute(statement, {**row, "id": identifier})


@contextmanager
def _servers() -> Generator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        root = data_root(Path(folder))
        names = ("source", "registry", "shard")
        servers = [PostgresServer(n, root / n, port) for n, port in zip(names, free_ports(3), strict=True)]
        handles = []
        try:
            for server in servers:
                cluster.initialise(server, PASSWORD)
                handles.append(postgres.start(server))
            source, registry, shard = (cluster.conninfo(s, user="postgres", password=PASSWORD) for s in servers)
            _create_schema(source, {Place.DOCUMENTS})
            _create_schema(registry, {Place.REGISTRY})
            _create_schema(shard, {Place.RECORD})
            _replicate_tables(source, registry, "to_registry", REGISTRY_TABLES)
            _replicate_tables(source, shard, "to_shard", SHARD_TABLES)
            yield source, registry, shard
        finally:
            postgres.stop_all(handles, "immediate")
            shutil.rmtree(root)


def _create_schema(conninfo: str, places: set[Place]) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
        migrate(connection, frozenset(places))


def _replicate_tables(source: str, target: str, name: str, tables: tuple[str, ...]) -> None:
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute(
            f"create publication {name} for table {', '.join(tables)} with (publish_via_partition_root = true)".encode()
        )
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(f"create subscription {name} connection '{source}' publication {name}".encode())
