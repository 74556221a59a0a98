"""`make bench-nsi`: reference data from files to every site, beside bare COPY of the same rows.

Import and COPY run on one server, in databases of their own that no link reads; one transaction a version in both. Then
the whole region takes the same folder over its links, a publication is watched at every site, a clinic looks rows up.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.harness import Report, percentile, publish
from benchmarks.replication import without_relays
from benchmarks.watch import Watched, Watcher
from benchmarks.wire import wire
from trustmed.db.migrate import grant_creation, migrate
from trustmed.demo.calls import Clinic
from trustmed.demo.content.reference import load_dictionaries, sites_behind
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.demo.laptop import prepare
from trustmed.demo.region import running
from trustmed.region.nsi.files.reading import ImportRequest
from trustmed.region.nsi.importing.batch import import_paths
from trustmed.region.nsi.importing.read_ahead import read_file
from trustmed.region.nsi.importing.store import CHUNK
from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, find_newest_passport, find_versions
from trustmed.region.nsi.versions.sync_service import publish as put_in_force
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.file.spec import Topology

ICD = "1.2.643.5.1.13.13.11.1005"
ROUNDS = 2
TURNS = 20
LOOKUPS = 600
SPREAD_SECONDS = 900.0
SITE = "hospital"
COPY = "copy public.bare (oid, version, key, code, name, parent_key, content) from stdin with (format binary)"
# Lines as a doctor types them: codes, beginnings of words, several words, a wrong layout, a line that finds nothing.
LINES = (
    *("I11.9", "i11", "J06", "E11.9", "M54.5", "K29", "A00.0", "U07.1", "Z00"),
    *("гипертенз", "сахарный диабет", "пневмония", "бронхит хронический", "острый", "инфаркт миокарда", "остеох"),
    *("г", "ги", "гип", "гипе", "астма", "язва желудка", "перелом шейки бедра", "беременность", "анемия железо"),
    *("ubgthntypbz", "прием врача терапевта", "узи почек", "мм рт", "кардиолог", "шпциклопс", "ОРВИ", "температура"),
)


class Imports(msgspec.Struct, frozen=True):
    """The number of rows, and the seconds of each round."""

    rows: int
    ours: list[float]
    bare: list[float]


class Spread(msgspec.Struct, frozen=True):
    """Seconds until every row and pointer was at every site; milliseconds of each publication until the last site."""

    seconds: float
    publish_ms: list[float]


def main() -> None:
    """Print the table and write the file. Exit with 3 if there are no dictionaries."""
    pack = _find_pack()
    if pack is None:
        sys.exit(3)
    folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
    try:
        laptop = prepare(folder / "region", file=without_relays(folder), fresh_ports=True)
        with running(laptop, lambda ru, en: print(f"… {en}", flush=True)):
            imports = _measure_imports(laptop.topology, pack)
            spread = _measure_spread(laptop.topology, pack)
            lookups = _measure_lookups(laptop.topology)
        shutil.rmtree(laptop.servers)
    finally:
        shutil.rmtree(folder)
    publish(_report(imports, spread, lookups))


def _report(imports: Imports, spread: Spread, lookups: Sequence[float]) -> Report:
    ours, bare = min(imports.ours), min(imports.bare)
    return Report(
        "nsi",
        figures={
            "import_rows_per_s": imports.rows / ours,
            "import_rows": imports.rows,
            "import_to_every_site_s": spread.seconds,
            "publish_ms_mkb10": median(spread.publish_ms),
            "publish_ms_mkb10_max": max(spread.publish_ms),
            "lookup_p50_ms": percentile(lookups, 0.5),
            "lookup_p99_ms": percentile(lookups, 0.99),
        },
        limits={"copy_rows_per_s": imports.rows / bare},
        ratios={"import_vs_copy": bare / ours},
    )


def _find_pack() -> Path | None:
    """Return TRUSTMED_NSI_DIR or the folder beside the checkout; None if it is absent."""
    beside = Path(__file__).parents[2] / "shared" / "data" / "nsi"
    pack = Path(os.environ.get("TRUSTMED_NSI_DIR") or beside)
    if pack.is_dir():
        return pack
    print(f"no dictionaries in {pack}: name their folder in TRUSTMED_NSI_DIR", file=sys.stderr)
    return None


def _measure_imports(topology: Topology, pack: Path) -> Imports:
    """Time our import and bare COPY in turn, each into an empty table with the same indexes."""
    rows, ours, bare = 0, [], []
    for number in range(ROUNDS):
        print(f"… importing into a database of its own, and bare COPY: {number + 1} of {ROUNDS}", flush=True)
        with _scratch(topology) as connection:
            connection.execute("set role trustmed_region")
            begun = time.monotonic()
            steps = import_paths(connection, [pack], "bench", lambda step: None)
            ours.append(time.monotonic() - begun)
            if refused := [step.refused.en for step in steps if step.refused]:
                raise RuntimeError("\n".join(refused))
            fresh = [step for step in steps if step.imported and step.imported.outcome != "same"]
            rows = sum(step.imported.rows for step in fresh if step.imported)
            contents = [
                read_file(step.source, ImportRequest(), lambda oid: find_newest_passport(connection, oid)).copy_data
                for step in fresh
            ]
            connection.execute("reset role")
            connection.execute("create table public.bare (like nsi.entry including all)")
            connection.execute("checkpoint")
            bare.append(_copy_bare(connection, contents))
    return Imports(rows, ours, bare)


def _copy_bare(connection: psycopg.Connection, contents: Sequence[bytes]) -> float:
    begun = time.monotonic()
    for content in contents:
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for start in range(0, len(content), CHUNK):
                copy.write(content[start : start + CHUNK])
    return time.monotonic() - begun


@contextmanager
def _scratch(topology: Topology) -> Generator[psycopg.Connection]:
    """Make an empty database of dictionaries beside the region's own, for as long as the block runs."""
    own = conninfo(topology, topology.database_of(Place.NSI), "administrator", "bench")
    name = sql.Identifier("bench_nsi")
    with psycopg.connect(own, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(name))
        try:
            with psycopg.connect(make_conninfo(own, dbname="bench_nsi"), autocommit=True) as connection:
                grant_creation(connection)
                migrate(connection, frozenset({Place.NSI}))
                connection.execute("checkpoint")
                yield connection
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(name))


def _measure_spread(topology: Topology, pack: Path) -> Spread:
    print("… importing into the region, until every site has every row", flush=True)
    begun = time.monotonic()
    load_dictionaries(topology, pack)
    with connect_to_dictionaries(topology) as connection:
        if behind := sites_behind(topology, connection, SPREAD_SECONDS):
            raise TimeoutError(f"never got the dictionaries: {behind}")
    seconds = time.monotonic() - begun
    print(f"… turning ICD-10 {TURNS} times", flush=True)
    watchers = [
        Watcher(
            Watched(
                conninfo(topology, topology.database_of(Place.SITE, site), "administrator", "bench"),
                *("nsi", "publication", "id"),
            )
        )
        for site in topology.site
    ]
    with connect_to_dictionaries(topology) as connection:
        versions = [line.version for line in find_versions(connection, ICD)][:2]
        published_at: dict[str, float] = {}
        for number in range(TURNS):
            at = time.time()
            put_in_force(connection, ICD, versions[(number + 1) % 2], "bench")
            row = connection.execute(
                "select id from nsi.publication where oid = %s order by id desc", (ICD,)
            ).fetchone()
            published_at[str(row[0]) if row else ""] = at
            time.sleep(0.3)
    seen = [watcher.seen(published_at.keys()) for watcher in watchers]
    return Spread(seconds, [1000 * (max(one[key] for one in seen) - at) for key, at in published_at.items()])


def _measure_lookups(topology: Topology) -> list[float]:
    """Return milliseconds of each look-up at a clinic whose database has every file."""
    print(f"… looking up {LOOKUPS} lines at a clinic", flush=True)
    site = topology.site_named(SITE)
    clinic = Clinic(site.listen, login("doctor", 0), PASSWORD, timeout=60)
    clinic.sign_in()
    headers = {"Authorization": clinic.http.headers["Authorization"]}
    clinic.close()
    return asyncio.run(_look_up(site.listen, headers))


async def _look_up(address: str, headers: dict[str, str]) -> list[float]:
    times: list[float] = []
    async with wire(address, headers) as line:
        for number in range(LOOKUPS + len(LINES)):
            begun = time.monotonic()
            answer = await line.get(f"/api/v1/nsi/search?q={quote(LINES[number % len(LINES)])}", {})
            if answer.status != 200:
                raise RuntimeError(f"lookup: {answer.status} {answer.body[:300].decode()}")
            if number >= len(LINES):  # the first of each fills the caches
                times.append(1000 * (time.monotonic() - begun))
    return times


if __name__ == "__main__":
    main()
