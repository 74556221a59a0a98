"""Four channels race for a thousand slots while lines are cut and PostgreSQL is killed: no slot twice, nothing lost."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from benchmarks.race import CHANNELS, SITE, Field, Ledger, await_field, judge_at_rest, prepare_field, race

from tests.fault.test_kill9 import await_healthy, kill_postgres, settle
from trustmed.demo.laptop import Laptop, prepare
from trustmed.demo.region import running
from trustmed.embedded.processes import Supervisor

LONG = bool(os.environ.get("TRUSTMED_LONG"))
CLIENTS = 200
ATTEMPTS = 100_000 if LONG else 5_000


class Racing:
    """The race in a thread of its own, while the main thread looks after the servers and disturbs them."""

    def __init__(self, laptop: Laptop, field: Field, attempts: int) -> None:
        self.ledger = Ledger()
        self.attempts = attempts
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(laptop, field))
        self._thread.start()

    def _run(self, laptop: Laptop, field: Field) -> None:
        try:
            uvloop.run(race(laptop, field, CLIENTS, self.attempts, self.ledger))
        except BaseException as failure:
            self.failure = failure

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()


@pytest.mark.region
@pytest.mark.fault
@pytest.mark.long
@pytest.mark.timeout(60 * 60 if LONG else 900)
def test_no_slot_is_booked_twice_and_no_booking_is_lost(tmp_path: Path) -> None:
    laptop = prepare(tmp_path / "region", fresh_ports=True)
    with running(laptop, lambda ru, en: print(en)) as supervisor:
        field = prepare_field(laptop)
        await_field(laptop, field)
        racing = Racing(laptop, field, ATTEMPTS)
        disturb(laptop, supervisor, racing)
        assert racing.failure is None
        ledger = racing.ledger
        await_healthy(laptop, supervisor)
        verdict = judge_at_rest(laptop.topology, field, ledger, lambda: settle(supervisor, 1))
        print(f"{ledger.attempts} attempts, {len(ledger.booked)} booked, {dict(ledger.refusals)}")
        assert verdict.doubled == []
        assert verdict.lost == []
        assert verdict.different == 0
        assert ledger.attempts == ATTEMPTS
        # Every channel had its share of the race, and more bookings were wanted than there were slots.
        assert {made.channel for made in ledger.booked.values()} == set(CHANNELS)
        assert ledger.refusals["SlotTaken"] > 0


def disturb(laptop: Laptop, supervisor: Supervisor, racing: Racing) -> None:
    """Cut and restore the line and kill each side's PostgreSQL, at set shares of the race's attempts."""
    cut = laptop.cut_file(SITE)
    acts: list[tuple[float, str, Callable[[], object]]] = [
        (0.15, "the line is cut", cut.touch),
        (0.30, "the region's PostgreSQL is killed", lambda: kill_postgres(laptop, "reference")),
        (0.45, "the line is back", lambda: cut.unlink(missing_ok=True)),
        (0.60, "the clinic's PostgreSQL is killed", lambda: kill_postgres(laptop, SITE)),
        (0.70, "the line is cut again", cut.touch),
        (0.85, "and back", lambda: cut.unlink(missing_ok=True)),
    ]
    while racing.is_running:
        supervisor.look()
        if acts and racing.ledger.attempts >= acts[0][0] * racing.attempts:
            _, words, act = acts.pop(0)
            print(f"{racing.ledger.attempts} attempts: {words}")
            act()
        time.sleep(0.02)
    cut.unlink(missing_ok=True)
    assert acts == [], "the race was over before the last disturbance"
