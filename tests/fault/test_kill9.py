"""Everything is killed at random moments under a stream of signings; nothing is lost, doubled or half done."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fault.census import region_census, site_census
from tests.fault.crowd import Crowd
from trustmed.demo.laptop import Laptop, postgres_servers, prepare
from trustmed.demo.region import running
from trustmed.embedded import postgres, process
from trustmed.embedded.postgres import PostgresHandle
from trustmed.embedded.processes import Supervisor
from trustmed.topology.watch.probe import probe

LONG = bool(os.environ.get("TRUSTMED_LONG"))
DOCUMENTS = 20_000 if LONG else 2_000
KILLS = 200 if LONG else 20
SEED = int(os.environ.get("TRUSTMED_SEED", "20"))
PATIENCE = 180

PROGRAMS = ("feed", "hospital-web", "central-web", "region-web", "monitor", "cache-hospital", "cache-region")


def kill_postgres(laptop: Laptop, name: str) -> None:
    server = next(one for one in postgres_servers(laptop) if one.name == name)
    if found := postgres.find(server):
        postgres.kill9(PostgresHandle(server, found))


def kill_program(supervisor: Supervisor, name: str) -> None:
    process.send(supervisor.process_of(name), signal.SIGKILL)


def toggle_line(laptop: Laptop, site: str) -> None:
    """Cut the line if it is whole; restore it if it is cut."""
    mark = laptop.cut_file(site)
    if mark.exists():
        mark.unlink()
    else:
        mark.touch()


def faults(laptop: Laptop, supervisor: Supervisor) -> list[tuple[str, Callable[[], None]]]:
    servers = [
        (f"postgres {one.name}", lambda n=one.name: kill_postgres(laptop, n)) for one in postgres_servers(laptop)
    ]
    programs = [(name, lambda n=name: kill_program(supervisor, n)) for name in PROGRAMS]
    return [*servers, *programs]


@pytest.mark.region
@pytest.mark.fault
@pytest.mark.timeout(40 * 60 if LONG else 900)
def test_nothing_is_lost_doubled_or_half_done(tmp_path: Path) -> None:
    laptop = prepare(tmp_path / "region", fresh_ports=True)
    chance = random.Random(SEED)
    killed: list[str] = []
    with running(laptop, lambda ru, en: print(en)) as supervisor:
        crowd = Crowd(laptop)
        crowd.start()
        menu = faults(laptop, supervisor)
        order = chance.sample(menu, len(menu))
        # One kill at a random point of every hundred documents, so that all of them are signed under fire.
        due = [int((number + chance.random()) * DOCUMENTS / KILLS) for number in range(KILLS)]
        while len(killed) < KILLS or len(crowd.tally.acknowledged) < DOCUMENTS:
            supervisor.look()
            if len(killed) < KILLS and len(crowd.tally.acknowledged) >= due[len(killed)]:
                name, kill = order[len(killed) % len(order)]
                kill()
                killed.append(name)
                print(f"{len(crowd.tally.acknowledged)} signed, killed {name}")
                if len(killed) % 7 == 3:
                    toggle_line(laptop, chance.choice(laptop.topology.site).name)
            time.sleep(0.02)
        for site in laptop.topology.site:
            laptop.cut_file(site.name).unlink(missing_ok=True)
        settle(supervisor, 3)
        crowd.stop()
        assert not crowd.tally.refusals
        await_equal(laptop, supervisor)
        judge(laptop, crowd)
        await_healthy(laptop, supervisor)
    assert len(killed) >= KILLS


def settle(supervisor: Supervisor, seconds: float) -> None:
    """Let the supervisor bring the dead back for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        supervisor.look()
        time.sleep(0.05)


def await_equal(laptop: Laptop, supervisor: Supervisor) -> None:
    """Wait until the region holds exactly what the sites hold."""
    deadline = time.monotonic() + PATIENCE
    while True:
        settle(supervisor, 1)
        sites, region = site_census(laptop.topology), region_census(laptop.topology)
        if sites == region:
            return
        if time.monotonic() > deadline:
            missing = set(sites.metadata) - set(region.metadata), set(sites.bodies) - set(region.bodies)
            links = [(state.link, state.state, state.error_ru) for state in probe(laptop.topology)]
            pytest.fail(f"the region differs from the sites; missing there: {missing}; links: {links}")


def judge(laptop: Laptop, crowd: Crowd) -> None:
    region = region_census(laptop.topology)
    for identifier, (organization_id, digest) in crowd.tally.acknowledged.items():
        key = organization_id, identifier
        assert region.metadata.get(key) == digest, f"{identifier} was acknowledged and is not in the registry"
        assert region.bodies.get(key) == digest, f"{identifier} was acknowledged and its body is not on the shard"
    # A document that was never acknowledged may be there, but only whole.
    assert region.metadata == region.bodies
    assert set(region.signatures) == set(region.metadata)
    assert set(region.signatures.values()) == {2}
    assert set(region.events) == set(region.metadata)
    assert set(region.events.values()) == {1}
    asked = set(crowd.tally.acknowledged) | set(crowd.tally.unknown)
    assert {identifier for _, identifier in region.metadata} <= asked


def await_healthy(laptop: Laptop, supervisor: Supervisor) -> None:
    """Wait until every link streams again without anybody's help."""
    deadline = time.monotonic() + PATIENCE
    while sick := [state for state in probe(laptop.topology) if state.state != "streaming"]:
        if time.monotonic() > deadline:
            pytest.fail(f"links did not heal: {[(state.link, state.state, state.error_ru) for state in sick]}")
        settle(supervisor, 1)
