"""Publish a benchmark's figures with their limits and ratios: a table for people, a file for machines."""

import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parents[1] / "build" / "bench"


class Report(msgspec.Struct, frozen=True):
    """`figures` are ours, `limits` the bare machine's or a peer's in the same run, `ratios` ours over theirs."""

    name: str
    figures: dict[str, float]
    limits: dict[str, float] = {}
    ratios: dict[str, float] = {}


def publish(report: Report) -> Path:
    """Print the table, write `build/bench/NAME.json` and return the file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{report.name}.json"
    content = {
        "name": report.name,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        **{part: rounded(getattr(report, part)) for part in ("figures", "limits", "ratios")},
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(table(report))
    return path


def table(report: Report) -> str:
    """Return rows of key and number in three parts."""
    width = max(len(key) for part in (report.figures, report.limits, report.ratios) for key in part)
    lines = [f"{report.name} · {machine()}"]
    for title in ("figures", "limits", "ratios"):
        part: dict[str, float] = getattr(report, title)
        if part:
            lines.append(f"  {title}")
            lines += [f"    {key:<{width}}  {value:>12,.{3 if abs(value) > 2 else 5}f}" for key, value in part.items()]
    return "\n".join(lines)


def machine() -> str:
    """Return processor, cores and memory in one line."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _read("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = next((int(line.split()[1]) for line in _read("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, {memory / 1024**2:.0f} GiB, Python {platform.python_version()}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of `values` do not exceed; NaN if there are no values."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rounded(part: dict[str, float]) -> dict[str, float]:
    """Round to three decimals, for no run is more precise; to five for shares, which are counted and not timed."""
    return {key: round(value, 5 if abs(value) < 2 else 3) for key, value in part.items()}


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except FileNotFoundError:
        return []
