"""`make bench-replication`: from the signing API to visible in the region, beside bare logical replication.

Visible means: metadata readable in the registry and body on the shard. Both runs write the same rows at the same pace
on the same machine, one after the other; times are from the commit's own timestamp at the source. What the portal
gives out (the body with the right SHA-256) is a figure of its own.
"""

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path

import httpx2
import msgspec

from benchmarks.bare import bare_lags
from benchmarks.harness import Report, percentile, publish
from benchmarks.watch import Watcher, commit_times, lags
from trustmed.demo.calls import Clinic, Portal, digest
from trustmed.demo.laptop import Laptop, prepare
from trustmed.demo.region import running
from trustmed.demo.seed import PASSWORD, login
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.secrets import secret

SITE = "hospital"
RATES = (50, 200)
SECONDS = int(os.environ.get("TRUSTMED_BENCH_SECONDS", "15"))
SUSTAINED = 1500
SUSTAINED_CLIENTS = 8
PORTAL_EVERY = 20


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
    """Bare first, then the whole region; prints the table and writes the file."""
    os.environ.pop("TRUSTMED_SEMD_DIR", None)  # official rules are checked at preview, which is not measured here
    folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
    try:
        laptop = prepare(folder, fresh_ports=True)
        with running(laptop, lambda ru, en: print(f"… {en}", flush=True)):
            bench = Bench(laptop)
            body, cms = bench.sample()
            runs = {rate: bench.paced(rate) for rate in RATES}
            sustained = bench.sustained()
        shutil.rmtree(laptop.servers)
    finally:
        shutil.rmtree(folder)
    print("… bare replication of the same rows", flush=True)
    bare = bare_lags(RATES, SECONDS, body, cms)
    publish(_report(runs, sustained, bare))


def _report(runs: dict[int, Run], sustained: Run, bare: dict[int, list[float]]) -> Report:
    figures = {
        "visible_lag_p50_ms_50": percentile(runs[50].lag, 0.5),
        "visible_lag_p99_ms_50": percentile(runs[50].lag, 0.99),
        "visible_lag_p50_ms_200": percentile(runs[200].lag, 0.5),
        "visible_lag_p99_ms_200": percentile(runs[200].lag, 0.99),
        "portal_visible_p50_ms_200": percentile(runs[200].portal, 0.5),
        "signed_visible_per_s": len(sustained.lag) / sustained.seconds,
        "sign_p50_ms_50": percentile(runs[50].sign, 0.5),
        "sign_p99_ms_50": percentile(runs[50].sign, 0.99),
        "sign_p99_ms_200": percentile(runs[200].sign, 0.99),
        "signed_per_s_at_200": len(runs[200].sign) / runs[200].seconds,
    }
    limits = {
        f"bare_lag_p{name}_ms_{rate}": percentile(bare[rate], share)
        for rate in RATES
        for name, share in (("50", 0.5), ("99", 0.99))
    }
    ratios = {
        f"visible_lag_p50_{rate}": figures[f"visible_lag_p50_ms_{rate}"] / limits[f"bare_lag_p50_ms_{rate}"]
        for rate in RATES
    }
    return Report("replication", figures, limits, ratios)


class Bench:
    """The region under load: one doctor's session, drafts made beforehand, signed at a pace."""

    def __init__(self, laptop: Laptop) -> None:
        topology = laptop.topology
        self.topology, self.site = topology, topology.site_named(SITE)
        self.organization = self.site.organization[0].id
        self.clinic = Clinic(self.site.listen, login("doctor", 0), PASSWORD, timeout=60)
        self.clinic.sign_in()
        self.patients = [(one["id"], one["snils"]) for one in self.clinic.patients() if one["snils"]]
        self.token = secret(topology, "portal", "token")

    def sample(self) -> tuple[bytes, bytes]:
        """A document's bytes and a signature's, as the bare run writes them."""
        (draft,) = self.drafts(1)
        signed = self.clinic.sign(draft.id, draft.sha256)
        portal = Portal(self.topology.region.listen, self.token)
        content = self.clinic.http.get(f"/api/v1/documents/{signed.id}/content").content
        deadline = time.monotonic() + 10
        while not [one for one in portal.documents(draft.snils) if one["id"] == signed.id]:
            if time.monotonic() > deadline:
                raise TimeoutError("the first document never became visible")
            time.sleep(0.05)
        time.sleep(1)
        return content, portal.signatures(draft.snils, signed.id)[0][1]

    def drafts(self, count: int) -> list[Draft]:
        """Previewed documents of as many visits as there are patients."""
        made = []
        visits = [(self.clinic.visit(patient), snils) for patient, snils in self.patients]
        for number in range(count):
            visit, snils = visits[number % len(visits)]
            draft = self.clinic.preview(visit)
            made.append(Draft(draft["id"], draft["sha256"], snils))
        return made

    def paced(self, rate: int) -> Run:
        """Sign `rate` documents a second for SECONDS, whatever the answers take."""
        drafts = self.drafts(rate * SECONDS)
        return self._run(drafts, lambda one: asyncio.run(self._at_pace(drafts, rate, one)))

    def sustained(self) -> Run:
        """Sign as fast as a few clients can, until everything is visible."""
        drafts = self.drafts(SUSTAINED)
        return self._run(drafts, lambda one: asyncio.run(self._at_once(drafts, one)))

    def _run(self, drafts, sign) -> Run:
        registry = conninfo(self.topology, self.topology.database_of(Place.REGISTRY), "administrator", "bench")
        shard = conninfo(self.topology, self.topology.database_of(Place.RECORD, self.site), "administrator", "bench")
        watchers = (
            Watcher(registry, "registry.document", "id", self.organization),
            Watcher(shard, "record.document_body", "document_id", self.organization),
        )
        begun = time.time()
        times, portal = sign(watchers)
        visible = [watcher.seen() for watcher in watchers]
        last = max(moment for place in visible for moment in place.values())
        source = conninfo(
            self.topology, self.topology.database_of(Place.DOCUMENTS, self.site), "administrator", "bench"
        )
        ours = {draft.id for draft in drafts}
        committed = commit_times(source, "registry.document", "id", self.organization)
        return Run(
            times, lags({key: at for key, at in committed.items() if key in ours}, *visible), portal, last - begun
        )

    async def _at_pace(self, drafts: list[Draft], rate: int, watchers) -> tuple[list[float], list[float]]:
        times: list[float] = []
        portal: list[float] = []
        async with self._client() as clinic, self._portal() as region:
            begun = time.monotonic()
            async with asyncio.TaskGroup() as group:
                for number, draft in enumerate(drafts):
                    await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                    asked = region if number % PORTAL_EVERY == 0 else None
                    group.create_task(_sign(clinic, draft, watchers, times, portal, asked))
        return times, portal

    async def _at_once(self, drafts: list[Draft], watchers) -> tuple[list[float], list[float]]:
        times: list[float] = []
        left = iter(drafts)

        async def client() -> None:
            for draft in left:
                await _sign(clinic, draft, watchers, times, [], None)

        async with self._client() as clinic, asyncio.TaskGroup() as group:
            for _ in range(SUSTAINED_CLIENTS):
                group.create_task(client())
        return times, []

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=f"http://{self.site.listen}",
            headers=dict(self.clinic.http.headers),
            timeout=60,
            trust_env=False,
            limits=httpx2.Limits(max_connections=64),
        )

    def _portal(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=f"http://{self.topology.region.listen}/portal/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
            trust_env=False,
        )


async def _sign(
    clinic: httpx2.AsyncClient,
    draft: Draft,
    watchers: tuple[Watcher, ...],
    times: list[float],
    portal: list[float],
    region: httpx2.AsyncClient | None,
) -> None:
    for watcher in watchers:
        watcher.expect(draft.id)
    begun = time.monotonic()
    asked = {"method": "software", "sha256": draft.sha256}
    answer = await clinic.post(f"/api/v1/documents/{draft.id}/sign", json=asked)
    answer.raise_for_status()
    answered = time.monotonic()
    times.append(1000 * (answered - begun))
    if region is not None:
        await _read(region, draft)
        portal.append(1000 * (time.monotonic() - answered))


async def _read(region: httpx2.AsyncClient, draft: Draft) -> None:
    """Ask the portal until it gives the body with the right SHA-256."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = await region.get(f"/documents/{draft.id}/content", headers={"X-Person-Snils": draft.snils})
        if answer.status_code == 200 and digest(answer.content) == draft.sha256:
            return
        await asyncio.sleep(0.001)
    raise TimeoutError(f"the portal never gave {draft.id}: {answer.status_code} {answer.text[:200]}")


if __name__ == "__main__":
    main()
