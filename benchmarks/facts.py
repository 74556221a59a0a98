"""`make bench-facts`: reading facts out of documents, compared with only parsing the same documents.

One shard on a server of its own; documents of a consultation and of a laboratory by turns, all different.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.harness import Report, publish
from trustmed.db.migrate import grant_creation, migrate
from trustmed.embedded import cluster, postgres
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.unprivileged import data_root
from trustmed.region.facts.load import extract_all, extract_all_by_processes
from trustmed.schema import Place, roles_sql
from trustmed.semd.cda.read import parse_safely
from trustmed.semd.facts.extraction import facts

PASSWORD = "bench"  # noqa: S105 a server that lives for a minute
RU = "1.2.643.5.1.13.13"
PROCESSES = 2


def main() -> None:
    """Print the table and write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=3000)
    count = parser.parse_args().documents
    bodies = [_document(number) for number in range(count)]
    print(f"… {count} documents of {sum(map(len, bodies)) / count / 1024:.0f} KiB", flush=True)
    parsed = _rate(count, lambda: [parse_safely(body) for body in bodies])
    read = _rate(count, lambda: [facts(body) for body in bodies])
    found = sum(len(facts(body).facts) for body in bodies[:2]) / 2
    with _shard() as (admin, feed):
        _load_documents(admin, bodies)
        with psycopg.connect(feed, autocommit=True) as connection:
            one = _rate(count, lambda: extract_all(connection))
            again = _rate(count, lambda: extract_all(connection))
        several = _rate(count, lambda: extract_all_by_processes(feed, PROCESSES, anew=True))
    publish(
        Report(
            "facts",
            figures={
                "facts_a_document": found,
                "read_documents_per_s": read,
                "kept_documents_per_s": one,
                f"kept_documents_per_s_{PROCESSES}_processes": several,
                "passed_over_documents_per_s": again,
            },
            limits={"parsed_documents_per_s": parsed},
            ratios={"read_vs_parsed": read / parsed, "kept_vs_read": one / read},
        )
    )


def _rate(count: int, work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return count / (time.monotonic() - begun)


def _document(number: int) -> bytes:
    """Return a document with about sixteen facts among its text."""
    text = f"<text><paragraph>{'Состояние удовлетворительное, жалоб нет. ' * 60}{number}</paragraph></text>"
    section = _laboratory(number) if number % 2 else _consultation(number)
    head = (
        f'<code code="{7 if number % 2 else 5}" codeSystem="{RU}.11.1522"/><effectiveTime value="202603020930+0300"/>'
    )
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{head}<component><structuredBody><component><section>{section[0]}{text}{section[1]}</section></component>"
        "</structuredBody></component></ClinicalDocument>"
    ).encode()


def _laboratory(number: int) -> tuple[str, str]:
    tests = "".join(
        '<component><observation classCode="OBS" moodCode="EVN">'
        f'<code code="{1000 + test}" codeSystem="{RU}.11.1080" displayName="Показатель {test}"/>'
        '<statusCode code="completed"/><effectiveTime value="202603010745+0300"/>'
        f'<value xsi:type="PQ" value="{number % 97}.{test}" unit="g/l"/>'
        f'<interpretationCode code="{"H" if test % 5 == 0 else "N"}" codeSystem="{RU}.99.2.257"/>'
        '<referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="3"/><high value="6"/></value>'
        "</observationRange></referenceRange></observation></component>"
        for test in range(20)
    )
    return (
        f'<code code="RESLAB" codeSystem="{RU}.99.2.197"/>',
        f'<entry><organizer><component><organizer><code code="8" codeSystem="{RU}.11.1437" displayName="Анализ"/>'
        f"{tests}</organizer></component></organizer></entry>",
    )


def _consultation(number: int) -> tuple[str, str]:
    entries = "".join(
        f'<entry><observation classCode="OBS" moodCode="EVN"><code code="{1 + place % 3}" codeSystem="{RU}.11.1077"'
        f' displayName="Вид"/><text>Слова врача {number}</text><value xsi:type="CD" code="I1{place}.{number % 10}"'
        f' codeSystem="{RU}.11.1005" codeSystemVersion="2.24" displayName="Болезнь {place}"/></observation></entry>'
        for place in range(10)
    )
    return f'<code code="DGN" codeSystem="{RU}.99.2.197"/>', entries


def _load_documents(admin: str, bodies: list[bytes]) -> None:
    with (
        psycopg.connect(admin) as connection,
        connection.cursor() as cursor,
        cursor.copy(
            "copy record.document_body (organization_id, document_id, patient_id, sha256, content) from stdin"
        ) as copy,
    ):
        for number, body in enumerate(bodies):
            copy.write_row((number % 40 + 1, uuid4(), uuid4(), sha256(body).digest(), body))


@contextmanager
def _shard() -> Generator[tuple[str, str]]:
    """Start a shard; give the connection strings of the superuser and of the feed."""
    with tempfile.TemporaryDirectory() as folder:
        root = data_root(Path(folder))
        server = PostgresServer("shard", root / "shard", free_ports(1)[0])
        handles = []
        try:
            cluster.initialise(server, PASSWORD)
            handles.append(postgres.start(server))
            admin = cluster.conninfo(server, user="postgres", password=PASSWORD)
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(roles_sql().encode())
                grant_creation(connection)
                migrate(connection, frozenset({Place.RECORD}))
                connection.execute(f"alter role trustmed_feed password '{PASSWORD}'".encode())
            yield admin, make_conninfo(admin, user="trustmed_feed", password=PASSWORD)
        finally:
            postgres.stop_all(handles, "immediate")
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
