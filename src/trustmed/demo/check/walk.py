"""Walk the main scenario on a fresh region: `make demo-check`. The first step that does not hold ends the walk."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import typer

from trustmed.demo.check.scenario import NotHeld, scenario
from trustmed.demo.laptop import Laptop, erase, prepare
from trustmed.demo.region import running
from trustmed.errors import TrustMedError

STARTED = "регион запущен / the region is up"


class Step(msgspec.Struct, frozen=True):
    """One line of the report; `detail` is a figure or, if the step did not hold, the reason."""

    title: str
    held: bool
    milliseconds: float
    detail: str = ""


class Walk(msgspec.Struct, frozen=True):
    """The whole report."""

    steps: tuple[Step, ...]

    @property
    def held(self) -> bool:
        return all(step.held for step in self.steps)

    def json(self) -> str:
        steps = [msgspec.to_builtins(step) for step in self.steps]
        return json.dumps({"held": self.held, "steps": steps}, ensure_ascii=False, indent=2)

    def table(self) -> str:
        width = max(len(step.title) for step in self.steps)
        rows = [
            f"  {'✓' if step.held else '✗'} {step.title:<{width}} {step.milliseconds:>9.0f} мс  {step.detail}".rstrip()
            for step in self.steps
        ]
        verdict = "Всё выполнено / every step held" if self.held else "НЕ ВЫПОЛНЕНО / a step did not hold"
        return "\n".join([*rows, "", verdict])


def walk(folder: Path | None, *, quiet: bool = False) -> Walk:
    """Start a fresh region in `folder`, walk the scenario, stop; without a folder, in a temporary one."""
    place = folder or Path(tempfile.mkdtemp(prefix="trustmed-check-")) / "region"
    steps: list[Step] = []
    erase(place)
    try:
        _walk(prepare(place, fresh_ports=True), steps, quiet)
    finally:
        if folder is None:
            erase(place)
            place.parent.rmdir()
    return Walk(tuple(steps))


def _walk(laptop: Laptop, steps: list[Step], quiet: bool) -> None:
    def say(ru: str, en: str) -> None:
        if not quiet:
            typer.echo(f"… {ru} / {en}")

    begun = time.monotonic()
    try:
        with running(laptop, say) as supervisor:
            steps.append(Step(STARTED, True, 1000 * (time.monotonic() - begun)))
            for title, step in scenario(laptop, supervisor):
                if not _take_step(title, step, steps):
                    return
    except TrustMedError as error:
        steps.append(Step(STARTED, False, 1000 * (time.monotonic() - begun), f"{error.ru} / {error.en}"))


def _take_step(title: str, step: Callable[[], str | None], steps: list[Step]) -> bool:
    """Take one step and add its line to the report; whether it held."""
    begun = time.monotonic()
    try:
        detail, held = step() or "", True
    except (NotHeld, TrustMedError) as error:
        detail, held = str(error), False
    steps.append(Step(title, held, 1000 * (time.monotonic() - begun), detail))
    return held
