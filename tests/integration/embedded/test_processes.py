import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.waiting import eventually

from trustmed.embedded import process
from trustmed.embedded.ports import free_ports, require_free
from trustmed.embedded.processes import Happening, Program, Service, Supervisor, program_service
from trustmed.embedded.unprivileged import data_root
from trustmed.errors import NotFound

SLEEP = (sys.executable, "-S", "-c", "import time; time.sleep(600)")


def program(folder: Path, name: str = "sleeper", argv: tuple[str, ...] = SLEEP) -> Program:
    return Program(name, argv, folder / f"{name}.log", folder, {"PATH": "/usr/bin:/bin"}, stop_seconds=2.0)


def test_a_dead_program_comes_back_and_its_death_is_reported(tmp_path: Path):
    seen: list[Happening] = []
    with Supervisor(seen.append) as supervisor:
        first = supervisor.start(program_service(program(tmp_path)))
        process.send(first, signal.SIGKILL)
        eventually(lambda: supervisor.look() or (len(seen) > 2 and supervisor.running("sleeper")))
    assert [happening.state for happening in seen] == ["started", "died", "started", "stopped"]
    assert (seen[1].detail, seen[1].deaths) == ("-9", 1)


def test_a_program_that_keeps_dying_is_restarted_less_and_less_often(tmp_path: Path):
    seen: list[Happening] = []
    with Supervisor(seen.append) as supervisor:
        supervisor.start(
            program_service(program(tmp_path, "broken", (sys.executable, "-S", "-c", "raise SystemExit(3)")))
        )
        eventually(lambda: supervisor.look() or sum(one.state == "died" for one in seen) == 3)
    died = [happening for happening in seen if happening.state == "died"]
    assert [happening.retry_in for happening in died] == [0.25, 0.5, 1.0]
    assert {happening.detail for happening in died} == {"3"}


def test_services_stop_in_reverse_order(tmp_path: Path):
    seen: list[Happening] = []
    with Supervisor(seen.append) as supervisor:
        for name in ("database", "feed", "web"):
            supervisor.start(program_service(program(tmp_path, name)))
    assert [one.service for one in seen if one.state == "stopped"] == ["web", "feed", "database"]


def test_a_program_that_ignores_the_signal_is_killed_with_its_children(tmp_path: Path):
    stubborn = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); time.sleep(600)"
    with Supervisor() as supervisor:
        started = supervisor.start(
            program_service(program(tmp_path, "stubborn", (sys.executable, "-S", "-c", stubborn)))
        )
        eventually(lambda: len(find_group_members(started.pid)) == 2)
    assert find_group_members(started.pid) == []


def test_an_unknown_service_is_named(tmp_path: Path):
    with Supervisor() as supervisor, pytest.raises(NotFound, match="nothing"):
        supervisor.stop("nothing")


@pytest.fixture
def region(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int], Path]]:
    """A supervisor in a process of its own, with a PostgreSQL, a Valkey and a program under it."""
    root = data_root(tmp_path / "region")
    code = """
        import sys
        from pathlib import Path
        from trustmed.embedded import cluster, processes
        from trustmed.embedded.ports import free_ports
        root, folder = Path(sys.argv[1]), Path(sys.argv[2])
        first, second = free_ports(2)
        server = cluster.PostgresServer("site", root / "site", first)
        cache = processes.ValkeyServer("cache", root / "cache", second)
        cluster.initialise(server, "secret")
        sleep = (sys.executable, "-S", "-c", "import time; time.sleep(600)")
        program = processes.Program("web", sleep, folder / "web.log", folder, {})
        with processes.Supervisor(lambda seen: print(seen.state, seen.service, seen.pid, flush=True)) as supervisor:
            supervisor.start(processes.postgres_service(server))
            supervisor.start(processes.valkey_service(cache, "secret"))
            supervisor.start(processes.program_service(program))
            supervisor.run()
    """
    argv = [sys.executable, "-c", textwrap.dedent(code), str(root), str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        pids = [int(started.stdout.readline().split()[2]) for _ in range(3)]
        eventually(lambda: "ready" in file_text(root / "site" / "data" / "postmaster.pid"))
        yield started, pids, root
        started.kill()
    shutil.rmtree(root)


def file_text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_the_supervisor_ends_no_process_is_left(
    region: tuple[subprocess.Popen[str], list[int], Path], number: signal.Signals
):
    supervisor, pids, root = region
    supervisor.send_signal(number)
    assert supervisor.wait(60) == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    eventually(lambda: not any(process.identify(pid) for pid in pids))
    eventually(lambda: not process.working_in(root / "site" / "data", "postgres"))
    assert not (root / "site" / "data" / "postmaster.pid").exists(), "PostgreSQL was not shut down cleanly"


def find_group_members(leader: int) -> list[int]:
    """Return the living members of a process group."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and process.identify(int(entry.name)):
            try:
                member = os.getpgid(int(entry.name)) == leader
            except ProcessLookupError:
                continue
            if member:
                found.append(int(entry.name))
    return found


def test_a_program_that_cannot_be_stopped_does_not_keep_the_others_running(tmp_path: Path):
    def refuse(running: process.Process) -> None:
        process.send(running, signal.SIGKILL)
        raise NotFound("нет", "no way to stop it")

    started: list[process.Process] = []

    def run_both() -> None:
        with Supervisor() as supervisor:
            started.append(supervisor.start(program_service(program(tmp_path, "first"))))
            stuck = program_service(program(tmp_path, "stuck"))
            started.append(supervisor.start(Service("stuck", stuck.launch, refuse)))

    with pytest.raises(NotFound, match="no way"):
        run_both()
    assert process.wait_gone(started, 5.0) == []


def test_a_killed_program_frees_its_port(tmp_path: Path):
    (port,) = free_ports(1)
    busy = f"""
        import socket, threading
        heaps = [bytearray(8 << 20) for _ in range(8)]
        server = socket.create_server(("127.0.0.1", {port}))
        for _ in range(16):
            threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
        print("ready", flush=True)
        threading.Event().wait()
    """
    for number in range(4):
        log = tmp_path / f"{number}.log"
        started = process.spawn((sys.executable, "-S", "-c", textwrap.dedent(busy)), log=log, folder=tmp_path, env={})
        eventually(lambda log=log: "ready" in log.read_text())
        process.send(started, signal.SIGKILL)
        assert not process.wait_gone([started], 10.0)
        require_free(port, "the next one")
