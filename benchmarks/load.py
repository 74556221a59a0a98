"""`make bench-load`: fifty registrars and doctors at work on a site of 300,000 patients, quiet and under attack.

Both phases last as long, on one running site; under attack 200 hostile clients do what an unauthenticated stranger can.
The first byte's time is of the staff's answers alone. Memory is the web process's, after each phase.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Report, percentile, publish
from benchmarks.load_desk import Taken, sign_in, work
from benchmarks.load_site import STAFF, LoadedSite, loaded_site, logins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=300_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    asked = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr) if asked.json else contextlib.nullcontext():
        folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
        try:
            with loaded_site(folder, asked.patients) as site:
                path = publish(asyncio.run(_measure(site, asked.patients, asked.seconds)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if asked.json:
        print(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False))


async def _measure(site: LoadedSite, patients: int, seconds: float) -> Report:
    sessions = {login: await sign_in(site.address, login) for role in STAFF for login in logins(role)}
    print("… warming up", flush=True)
    await work(site, sessions, seconds / 4)
    print("… quiet", flush=True)
    before = _cpu_seconds(site.process)
    quiet = await work(site, sessions, seconds)
    quiet_cpu, quiet_mb = _cpu_seconds(site.process) - before, _resident_mb(site.process)
    print("… under attack", flush=True)
    command = [sys.executable, "-m", "benchmarks.load_hostile", site.address, "--seconds", str(seconds)]
    with subprocess.Popen(command) as hostile:
        before = _cpu_seconds(site.process)
        attacked = await work(site, sessions, seconds)
        attacked_cpu = _cpu_seconds(site.process) - before
        hostile.wait()
    attacked_mb = _resident_mb(site.process)
    return Report(
        "load",
        figures={
            **_figures("quiet", quiet, quiet_cpu),
            **_figures("under_attack", attacked, attacked_cpu),
            **{"rss_mb": quiet_mb, "rss_growth_mb": attacked_mb - quiet_mb, "patients": patients},
        },
        ratios={"attack_vs_quiet_p95": percentile(attacked.ttfb_ms, 0.95) / percentile(quiet.ttfb_ms, 0.95)},
    )


def _figures(phase: str, taken: Taken, cpu_seconds: float) -> dict[str, float]:
    """`cpu_ms_per_answer` under attack has the attack's own cost in it."""
    return {
        f"ttfb_p50_ms_{phase}": percentile(taken.ttfb_ms, 0.5),
        f"ttfb_p95_ms_{phase}": percentile(taken.ttfb_ms, 0.95),
        f"answers_{phase}": len(taken.ttfb_ms),
        f"failed_{phase}": taken.failed,
        f"cpu_ms_per_answer_{phase}": 1000 * cpu_seconds / max(1, len(taken.ttfb_ms)),
    }


def _cpu_seconds(process: int) -> float:
    """Return seconds of processor that the process has used."""
    # After the command in parentheses, which may hold spaces, the 12th and 13th fields are user and system ticks.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


if __name__ == "__main__":
    main()
