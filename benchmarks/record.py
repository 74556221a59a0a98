"""`make bench-record`: a person's record gathered from four shards beside five million documents.

Warm: the summary is in Redis. Cold: Redis is emptied before each reading. Both go through the service, as the pages
and the interface call it, with audit rows and policies of reading; then the same over HTTP. Beside it, bare SQL: the
same queries run by the owner, one after another on open connections, without policies, audit rows or anything else.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import redis.asyncio as redis
from cryptography.hazmat.primitives import serialization
from psycopg import AsyncConnection
from psycopg.abc import QueryNoTemplate

from benchmarks.harness import FOLDER, Report, percentile, publish
from benchmarks.record_store import TOKEN, Store, person_id, store
from benchmarks.wire import wire
from trustmed.authority.identity import Identity, identity_files, install, prepare_request, site_identity
from trustmed.authority.keys import public_key_of_request
from trustmed.authority.names import Names
from trustmed.authority.trust import trust_folder
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotDrops
from trustmed.hot.protocol import copy_key
from trustmed.region.access.model import Reader
from trustmed.region.authority.folder import ROOT, create_authority, open_authority
from trustmed.region.authority.issuing import Wish, issue
from trustmed.region.persons.links import links_of_person
from trustmed.region.pools import Pools
from trustmed.region.record import sources
from trustmed.region.record.copies import record_key
from trustmed.region.record.event import Filters
from trustmed.region.record.mark import Mark
from trustmed.region.record.timeline import HOT_PAGE, realms, summary
from trustmed.schema import Place
from trustmed.statement import HEADER, Statement, digest, new_nonce, now, seal
from trustmed.topology.file.spec import Site, Topology

READER = Reader("bench", "bench", "region", "treatment", organization_id=1)
WARM_PERSONS = 50
ASKED = "/api/v1/record/timeline"
DOCTOR = UUID(int=1)


class Taken(msgspec.Struct):
    """Milliseconds of each reading, and the most shards one of them asked."""

    ms: list[float] = []
    shards: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5_000_000)
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    asked = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr) if asked.json else contextlib.nullcontext():
        folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
        try:
            with store(folder, asked.documents) as made:
                path = publish(asyncio.run(_measure(made, asked.documents, asked.reads)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if asked.json:
        print(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False))


async def _measure(made: Store, documents: int, reads: int) -> Report:
    topology, chance = made.topology, random.Random(1)
    people = [person_id(chance.randrange(made.persons)) for _ in range(reads)]
    pools, hot = Pools(topology), HotCopies(made.cache)
    await pools.open()
    cache = redis.Redis.from_url(made.cache)
    with _keep_vouching(topology, made.cache) as vouch:

        async def empty_cache() -> None:
            await cache.flushall()
            await asyncio.to_thread(vouch)

        async def read_once(person: UUID) -> int:
            return len((await summary(pools, hot, READER, person)).timeline.touched)

        print(f"… {reads} readings through the service", flush=True)
        await _time_readings(people[:100], read_once)
        cold = await _time_readings(people, read_once, empty_cache)
        warm = await _time_readings(_warm_readings(people, reads), read_once, warm_up=people[:WARM_PERSONS])
        if not await cache.exists(*(copy_key(record_key(one)) for one in people[:WARM_PERSONS])):
            raise RuntimeError("no copy was kept: warm readings would not be warm")
        bare = await _time_bare_sql(made, people)
        await pools.close()
        print(f"… {reads} readings over HTTP", flush=True)
        with _run_server(made):
            async with wire(topology.region.listen, {"Authorization": f"Bearer {TOKEN}"}) as line:

                async def ask(person: UUID) -> int:
                    question = _question(made, person)
                    answer = await line.post(ASKED, question, {HEADER: _statement(made.topology, question)})
                    if answer.status != 200:
                        raise RuntimeError(f"{answer.status} {answer.body[:300].decode()}")
                    return len(msgspec.json.decode(answer.body)["shards"])

                await _time_readings(people[:100], ask)
                http_cold = await _time_readings(people, ask, empty_cache)
                http_warm = await _time_readings(_warm_readings(people, reads), ask, warm_up=people[:WARM_PERSONS])
    await hot.close()
    await cache.aclose()
    return Report(
        "record",
        figures={
            **{"warm_p50_ms": percentile(warm.ms, 0.5), "warm_p99_ms": percentile(warm.ms, 0.99)},
            **{"cold_p50_ms": percentile(cold.ms, 0.5), "cold_p99_ms": percentile(cold.ms, 0.99)},
            **{"http_warm_p50_ms": percentile(http_warm.ms, 0.5), "http_warm_p99_ms": percentile(http_warm.ms, 0.99)},
            **{"http_cold_p50_ms": percentile(http_cold.ms, 0.5), "http_cold_p99_ms": percentile(http_cold.ms, 0.99)},
            "shards_touched_max": float(cold.shards),
            **{"documents": float(documents), "persons": float(made.persons), "load_s": made.load_seconds},
        },
        limits={"bare_sql_p50_ms": percentile(bare, 0.5), "bare_sql_p99_ms": percentile(bare, 0.99)},
        ratios={"cold_vs_bare_sql": percentile(cold.ms, 0.5) / percentile(bare, 0.5)},
    )


def _warm_readings(people: Sequence[UUID], reads: int) -> list[UUID]:
    return [people[number % WARM_PERSONS] for number in range(reads)]


async def _time_readings(
    people: Sequence[UUID],
    read_once: Callable[[UUID], Awaitable[int]],
    before: Callable[[], Awaitable[None]] | None = None,
    warm_up: Sequence[UUID] = (),
) -> Taken:
    """Time one reading after another; `before`, which runs ahead of each, is not counted."""
    taken = Taken()
    for person in warm_up:
        await read_once(person)
    for person in people:
        if before is not None:
            await before()
        began = time.perf_counter()
        shards = await read_once(person)
        taken.ms.append(1000 * (time.perf_counter() - began))
        taken.shards = max(taken.shards, shards)
    return taken


async def _time_bare_sql(made: Store, people: Sequence[UUID]) -> list[float]:
    """Return milliseconds of the same queries by themselves."""
    registry = made.topology.database_of(Place.REGISTRY)
    shards = [one for one in made.topology.databases() if Place.RECORD in one.places]
    lines = {
        one.label: await AsyncConnection.connect(made.admin(one.name), autocommit=True) for one in (registry, *shards)
    }
    taken: list[float] = []
    for person in (*people[:100], *people):
        began = time.perf_counter()
        values = sources.parameters(person, Filters(), Mark(), HOT_PAGE + 1)
        organizations = {number for number, _ in await links_of_person(lines[registry.label], person)}
        await _rows(lines[registry.label], sources.QUERIES["events_of_documents"], values)
        for shard in {made.shard_of(number) for number in organizations}:
            await _rows(lines[shard], sources.QUERIES["events_of_visits"], values)
            await _rows(lines[shard], sources.QUERIES["events_of_facts"], values)
            await _rows(lines[shard], sources.QUERIES["standing_facts"], values)
        taken.append(1000 * (time.perf_counter() - began))
    for line in lines.values():
        await line.close()
    return taken[100:]


async def _rows(line: AsyncConnection, query: QueryNoTemplate, values: dict[str, object]) -> None:
    await (await line.execute(query, values)).fetchall()


def _question(made: Store, person: UUID) -> dict[str, Any]:
    organization_id, patient_id = made.patient_of(person)
    return {"organization_id": organization_id, "patient_id": str(patient_id), "ground": "treatment"}


def _statement(topology: Topology, question: dict[str, Any]) -> str:
    """Return what the organisation's site signs of who asks."""
    site = topology.site_of_organization(question["organization_id"])
    assert site
    identity = _identity(topology, site)
    told = Statement(
        path=ASKED,
        body_sha256=digest(msgspec.json.encode(question)),
        account="bench",
        employee_id=DOCTOR,
        name="Врач",
        position="терапевт",
        at=now(),
        nonce=new_nonce(),
    )
    return seal(told, identity.sign, identity.chain_der)


def _identity(topology: Topology, site: Site) -> Identity:
    """Return the site's key and certificate, issued now if there is none."""
    folder, files = trust_folder(topology), identity_files(topology, "site", site.name)
    if not files.pem.exists():
        authority = open_authority(topology) if (folder / ROOT).exists() else create_authority(topology, folder)
        names = Names("site", site.name, tuple(one.id for one in site.organization))
        key = public_key_of_request(prepare_request(files, names))
        issued = issue(authority, Wish(names), key, dt.datetime.now(dt.UTC))
        install(files, issued.public_bytes(serialization.Encoding.PEM))
    return site_identity(topology, site.name)


@contextlib.contextmanager
def _keep_vouching(topology: Topology, cache: str) -> Generator[Callable[[], None]]:
    """Vouch for copies once a second, as the change feed does while nothing changes."""
    shards = [one for one in topology.databases() if Place.RECORD in one.places]
    made = [HotDrops(cache, name) for name in realms(topology, shards)]
    stop = threading.Event()

    def vouch() -> None:
        for one in made:
            one.vouch()

    def keep() -> None:
        while not stop.wait(1.0):
            vouch()

    vouch()
    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield vouch
    finally:
        stop.set()
        thread.join()
        for one in made:
            one.close()


@contextlib.contextmanager
def _run_server(made: Store) -> Generator[None]:
    """Run the region's server as a process of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "record-serve.log").open("wb") as log:
        command = [sys.executable, "-m", "trustmed.cli", "region", "serve", "--file", str(made.file)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            host, _, port = made.topology.region.listen.rpartition(":")
            _await_port(host, int(port))
            yield
        finally:
            process.terminate()
            process.wait(20)


def _await_port(host: str, port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{host}:{port} does not answer")


if __name__ == "__main__":
    main()
