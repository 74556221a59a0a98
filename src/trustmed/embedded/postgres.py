"""The process of a PostgreSQL server of this machine: start it, find it again after a crash, stop it."""

import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from trustmed.embedded import process, serverlog
from trustmed.embedded.cluster import PostgresServer, ServerFailed, configure, require_cluster
from trustmed.embedded.ports import require_free
from trustmed.embedded.process import Process
from trustmed.embedded.unprivileged import account, postgres_programs, private_folder

_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_CRASH_SECONDS = 10.0  # for processes to end after SIGQUIT or SIGKILL
_ORPHAN_SECONDS = 5.0  # for backends to notice that their postmaster is dead
_POLL_SECONDS = 0.02
_STATUS_LINE = 7  # of postmaster.pid, from 0

StopMode = Literal["smart", "fast", "immediate"]


class PostgresHandle(msgspec.Struct, frozen=True):
    """A running server; `adopted` if it ran before it was launched."""

    server: PostgresServer
    process: Process
    adopted: bool = False


def launch(server: PostgresServer, *, tied: bool = True) -> PostgresHandle:
    """Start the server without waiting for it, or adopt the one that already runs on this data.

    `tied`: the server shuts down by itself when this process dies; such a server is launched from the main thread.
    Raises BrokenData, PortTaken, ServerFailed.
    """
    require_cluster(server)
    owner = account()
    private_folder(server.log, owner)
    written = configure(server, owner)
    running = find(server)
    if running and not written and _status(server) in ("ready", "starting"):
        return PostgresHandle(server, running, adopted=True)
    if running:
        stop(PostgresHandle(server, running))
    _end_orphans(server)
    require_free(server.port, server.name)
    serverlog.prune(server.log)
    _remove_stale_locks(server)
    started = process.spawn(
        [str(postgres_programs(owner) / "postgres"), "-D", str(server.data)],
        log=_start_log(server),
        folder=server.data,
        env=_environment(server),
        account=owner,
        on_our_death=signal.SIGINT if tied else None,
    )
    return PostgresHandle(server, started)


def wait_ready(handle: PostgresHandle, timeout: float = 60.0) -> PostgresHandle:
    """Wait until the server takes connections, after crash recovery if need be. Raises ServerFailed."""
    deadline = time.monotonic() + timeout
    while (status := _status(handle.server, handle.process.pid)) != "ready" or not is_running(handle):
        if not is_running(handle):
            raise _failed(handle.server, "не запустился", "did not start")
        if time.monotonic() > deadline:
            raise _failed(handle.server, f"не готов за {timeout:.0f} с", f"is not ready after {timeout:.0f} s", status)
        time.sleep(_POLL_SECONDS)
    return handle


def start(server: PostgresServer, *, tied: bool = True, timeout: float = 60.0) -> PostgresHandle:
    """Launch the server and wait until it is ready (see `launch`, `wait_ready`). A failed start leaves no process."""
    handle = launch(server, tied=tied)
    try:
        return wait_ready(handle, timeout)
    except BaseException:
        kill9(handle)
        raise


def stop(handle: PostgresHandle, mode: StopMode = "fast", timeout: float = 30.0) -> None:
    """Stop the server and wait. After `timeout` the stop becomes immediate, and the next start recovers from WAL."""
    stop_all([handle], mode, timeout)


def stop_all(handles: Sequence[PostgresHandle], mode: StopMode = "fast", timeout: float = 30.0) -> None:
    """Stop several servers at once, each as `stop` does."""
    for handle in handles:
        process.send(handle.process, _STOP_SIGNALS[mode])
    late = process.wait_gone((handle.process for handle in handles), timeout)
    for one in late:
        process.send(one, signal.SIGQUIT)
    process.wait_gone(late, _CRASH_SECONDS)
    for handle in handles:
        if process.is_alive(handle.process):
            kill9(handle)
        _end_orphans(handle.server)


def is_running(handle: PostgresHandle) -> bool:
    """Whether this very server process is alive."""
    return process.is_alive(handle.process)


def kill9(handle: PostgresHandle) -> None:
    """Kill the server and all its backends, as a power cut would; return when they are gone."""
    # The postmaster first: if it saw its children die, it would recover and start new ones.
    process.send(handle.process, signal.SIGKILL)
    process.wait_gone([handle.process], _CRASH_SECONDS)
    for one in _server_processes(handle.server):
        process.send(one, signal.SIGKILL)
    _end_orphans(handle.server)


def find(server: PostgresServer) -> Process | None:
    """Return the postmaster that runs on this server's data now, whoever started it."""
    pid = _postmaster_file(server)[0:1]
    found = process.identify(int(pid[0])) if pid and pid[0].isdigit() else None
    return found if found in _server_processes(server) else None


def _postmaster_file(server: PostgresServer) -> list[str]:
    try:
        return (server.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _status(server: PostgresServer, pid: int | None = None) -> str:
    """Return starting, ready, stopping or standby; "" if the file is absent or is not `pid`'s."""
    lines = _postmaster_file(server)
    mine = pid is None or lines[:1] == [str(pid)]
    return lines[_STATUS_LINE].strip() if mine and len(lines) > _STATUS_LINE else ""


def _server_processes(server: PostgresServer) -> list[Process]:
    """Return the server's processes: PostgreSQL's work in the data folder."""
    return process.working_in(server.data, "postgres")


def _end_orphans(server: PostgresServer) -> None:
    """End backends that outlived their postmaster: they hold its shared memory and would stop a new start."""
    left = process.wait_gone(_server_processes(server), _ORPHAN_SECONDS)
    for one in left:
        process.send(one, signal.SIGKILL)
    if left := process.wait_gone(left, _CRASH_SECONDS):
        numbers = ", ".join(str(one.pid) for one in left)
        raise _failed(server, f"не остановился (процессы {numbers})", f"did not stop (processes {numbers})")


def _remove_stale_locks(server: PostgresServer) -> None:
    """Remove the pid file and sockets of a dead postmaster.

    Its pid may belong to another program by now, or to a dead child that is not reaped yet. PostgreSQL would take
    either for a rival and refuse to start.
    """
    for path in (server.data / "postmaster.pid", *server.data.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _environment(server: PostgresServer) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(server.folder)}


def _start_log(server: PostgresServer) -> Path:
    """Return the empty file for what the server says before its log collector runs."""
    path = server.log / "start.txt"
    path.unlink(missing_ok=True)
    return path


def _failed(server: PostgresServer, ru: str, en: str, status: str = "") -> ServerFailed:
    tail = serverlog.tail(server.log) or status or "—"
    return ServerFailed(
        f"PostgreSQL «{server.name}» (порт {server.port}) {ru}. Конец журнала ({server.log}):\n{tail}",
        f"PostgreSQL {server.name!r} (port {server.port}) {en}. The end of its log ({server.log}):\n{tail}",
    )
