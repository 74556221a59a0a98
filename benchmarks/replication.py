"""`make bench-replication`: from the signing API to visible in the region, beside bare logical replication.

Visible means that the metadata are readable in the registry and the body on the shard. Both runs write the same rows
at the same pace on the same machine, one after the other; times are from the commit's own timestamp at the source.
The time until the portal gives out the body with the right SHA-256 is a figure of its own.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from itertools import cycle, islice
from pathlib import Path

import msgspec

from benchmarks.bare import Bare, bare_replication
from benchmarks.citizens import Citizens
from benchmarks.harness import Report, percentile, publish
from benchmarks.watch import Watched, Watcher, commit_times, lags
from benchmarks.wire import Wire, wire
from trustmed.demo.calls import Clinic, Portal, digest
from trustmed.demo.citizens.program import portal_calls
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.demo.laptop import DEMO_FILE, Laptop, prepare
from trustmed.demo.region import running
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.secrets import secret

SITE = "hospital"
RATES = (50, 200)
SECONDS = int(os.environ.get("TRUSTMED_BENCH_SECONDS", "15"))
SUSTAINED = 1500
SUSTAINED_CLIENTS = 8
PORTAL_READS_PER_S = 5
RELAYED = ("address_from_region", "reference_address", "region_web")


class Times(msgspec.Struct, frozen=True):
    """Milliseconds of each signing, and of each reading by the portal."""

    sign: list[float] = []
    portal: list[float] = []


class Patient(msgspec.Struct, frozen=True):
    id: str
    snils: str


class Draft(msgspec.Struct, frozen=True):
    id: str
    sha256: str
    snils: str


class Run(msgspec.Struct, frozen=True):
    """Milliseconds: `sign` of each call, `lag` commit to visible, `portal` from the answer to the portal's body."""

    sign: list[float]
    lag: list[float]
    portal: list[float]
    seconds: float


def main() -> None:
    """Measure the whole region, then bare replication; print the table and write the file."""
    os.environ.pop("TRUSTMED_SEMD_DIR", None)  # official rules are checked at preview, which is not measured here
    folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
    try:
        laptop = prepare(folder / "region", file=without_relays(folder), fresh_ports=True)
        with running(laptop, lambda ru, en: print(f"… {en}", flush=True)):
            bench = Bench(laptop)
            body, cms = bench.sample()
            runs: dict[int, Run] = {}
            for rate in RATES:
                print(f"… signing {rate} documents a second for {SECONDS} s", flush=True)
                runs[rate] = bench.run_at_pace(rate)
            print(f"… signing {SUSTAINED} documents as fast as it goes", flush=True)
            sustained = bench.run_sustained()
        shutil.rmtree(laptop.servers)
    finally:
        shutil.rmtree(folder)
    print("… bare replication of the same rows", flush=True)
    publish(_report(runs, sustained, bare_replication(RATES, SECONDS, SUSTAINED, body, cms)))


def without_relays(folder: Path) -> Path:
    """Write the demo's topology with straight links, as in life: its relays only serve to cut a line by hand."""
    path = folder / "straight.toml"
    kept = [line for line in DEMO_FILE.read_text("utf-8").splitlines() if not line.startswith(RELAYED)]
    path.write_text("\n".join(kept), "utf-8")
    return path


def _report(runs: dict[int, Run], sustained: Run, bare: Bare) -> Report:
    figures = {
        "visible_lag_p50_ms_50": percentile(runs[50].lag, 0.5),
        "visible_lag_p99_ms_50": percentile(runs[50].lag, 0.99),
        "visible_lag_p50_ms_200": percentile(runs[200].lag, 0.5),
        "visible_lag_p99_ms_200": percentile(runs[200].lag, 0.99),
        "portal_visible_p50_ms_50": percentile(runs[50].portal, 0.5),
        "portal_visible_p50_ms_200": percentile(runs[200].portal, 0.5),
        "signed_visible_per_s": len(sustained.lag) / sustained.seconds,
        "sign_p50_ms_50": percentile(runs[50].sign, 0.5),
        "sign_p99_ms_50": percentile(runs[50].sign, 0.99),
        "sign_p99_ms_200": percentile(runs[200].sign, 0.99),
        "signed_per_s_at_200": len(runs[200].sign) / runs[200].seconds,
    }
    limits = {
        f"bare_lag_p{name}_ms_{rate}": percentile(bare.lags[rate], share)
        for rate in RATES
        for name, share in (("50", 0.5), ("99", 0.99))
    }
    limits["bare_visible_per_s"] = bare.visible_per_s
    ratios = {
        f"visible_lag_p50_{rate}": figures[f"visible_lag_p50_ms_{rate}"] / limits[f"bare_lag_p50_ms_{rate}"]
        for rate in RATES
    }
    ratios["signed_visible_per_s"] = figures["signed_visible_per_s"] / bare.visible_per_s
    return Report("replication", figures, limits, ratios)


class Bench:
    """The region under load: one doctor's session, drafts made beforehand, signed at a pace."""

    def __init__(self, laptop: Laptop) -> None:
        topology = laptop.topology
        self.topology, self.site = topology, topology.site_named(SITE)
        self.organization = self.site.organization[0].id
        self.clinic = Clinic(self.site.listen, login("doctor", 0), PASSWORD, timeout=60)
        self.clinic.sign_in()
        self.patients = [Patient(one["id"], one["snils"]) for one in self.clinic.patients() if one["snils"]]
        self.token = secret(topology, "portal", "token")
        self.citizens = Citizens(topology)

    def sample(self) -> tuple[bytes, bytes]:
        """Return a document's bytes and a signature's, for the bare run to write."""
        (draft,) = self.drafts(1)
        signed = self.clinic.sign(draft.id, draft.sha256)
        portal = Portal(portal_calls(self.topology), self.citizens.token)
        content = self.clinic.http.get(f"/api/v1/documents/{signed.id}/content").content
        deadline = time.monotonic() + 10
        while not [one for one in portal.documents(draft.snils) if one["id"] == signed.id]:
            if time.monotonic() > deadline:
                raise TimeoutError("the first document never became visible")
            time.sleep(0.05)
        time.sleep(1)
        return content, portal.signatures(draft.snils, signed.id)[0].content

    def drafts(self, count: int) -> list[Draft]:
        """Make previewed documents, spread over one visit of each patient."""
        drafts = []
        visits = [(self.clinic.visit(patient.id), patient.snils) for patient in self.patients]
        for visit, snils in islice(cycle(visits), count):
            draft = self.clinic.preview(visit)
            drafts.append(Draft(draft["id"], draft["sha256"], snils))
        return drafts

    def run_at_pace(self, rate: int) -> Run:
        """Sign `rate` documents a second for SECONDS, whatever the answers take."""
        drafts = self.drafts(rate * SECONDS)
        return self._run(drafts, self._at_pace(drafts, rate))

    def run_sustained(self) -> Run:
        """Sign as fast as a few clients can, until everything is visible."""
        drafts = self.drafts(SUSTAINED)
        return self._run(drafts, self._at_once(drafts))

    def _run(self, drafts: list[Draft], signing: Coroutine[None, None, Times]) -> Run:
        watchers = [Watcher(self._watched(place)) for place in (Place.REGISTRY, Place.RECORD)]
        begun = time.time()
        times = asyncio.run(signing)
        ours = {draft.id for draft in drafts}
        visible = [watcher.seen(ours) for watcher in watchers]
        last = max(moment for place in visible for moment in place.values())
        committed = commit_times(self._watched(Place.DOCUMENTS), self.organization)
        lag = lags({key: at for key, at in committed.items() if key in ours}, *visible)
        return Run(times.sign, lag, times.portal, last - begun)

    def _watched(self, place: Place) -> Watched:
        database = self.topology.database_of(place, self.site)
        where = conninfo(self.topology, database, "administrator", "bench")
        if place is Place.RECORD:
            return Watched(where, "record", "document_body", "document_id")
        return Watched(where, "registry", "document", "id")

    async def _at_pace(self, drafts: list[Draft], rate: int) -> Times:
        times = Times()
        async with self._clinic() as clinic, self._portal() as region, asyncio.TaskGroup() as group:
            begun = time.monotonic()
            for number, draft in enumerate(drafts):
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                asked = region if number % (rate // PORTAL_READS_PER_S) == 0 else None
                group.create_task(_sign(clinic, draft, times, asked, self.citizens))
        return times

    async def _at_once(self, drafts: list[Draft]) -> Times:
        times = Times()
        left = iter(drafts)

        async def client() -> None:
            for draft in left:
                await _sign(clinic, draft, times, None, self.citizens)

        async with self._clinic() as clinic, asyncio.TaskGroup() as group:
            for _ in range(SUSTAINED_CLIENTS):
                group.create_task(client())
        return times

    def _clinic(self) -> AbstractAsyncContextManager[Wire]:
        return wire(self.site.listen, {"Authorization": self.clinic.http.headers["Authorization"]})

    def _portal(self) -> AbstractAsyncContextManager[Wire]:
        return wire(self.topology.region.listen, {"Authorization": f"Bearer {self.token}"})


async def _sign(clinic: Wire, draft: Draft, times: Times, region: Wire | None, citizens: Citizens) -> None:
    begun = time.monotonic()
    asked = {"method": "software", "sha256": draft.sha256}
    answer = await clinic.post(f"/api/v1/documents/{draft.id}/sign", asked)
    if answer.status != 200:
        raise RuntimeError(f"signing {draft.id}: {answer.status} {answer.body.decode()}")
    answered = time.monotonic()
    times.sign.append(1000 * (answered - begun))
    if region is not None:
        await _read(region, draft, citizens)
        times.portal.append(1000 * (time.monotonic() - answered))


async def _read(region: Wire, draft: Draft, citizens: Citizens) -> None:
    """Ask the portal until it gives the body with the right SHA-256."""
    deadline = time.monotonic() + 30
    while True:
        path = f"/portal/v1/documents/{draft.id}/content"
        answer = await region.get(path, citizens.headers("GET", path, draft.snils))
        if answer.status == 200 and digest(answer.body) == draft.sha256:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the portal never gave {draft.id}: {answer.status} {answer.body[:200]!r}")
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    main()
