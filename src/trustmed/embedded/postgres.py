"""A PostgreSQL server of this machine: made, started, found again after a crash, stopped."""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
import psycopg.conninfo

from trustmed.embedded import process, serverlog
from trustmed.embedded.ports import HOST, require_free
from trustmed.embedded.process import Process
from trustmed.embedded.settings import ACCESS, Memory, Settings, rendered, settings
from trustmed.embedded.unprivileged import Account, account, postgres_programs, private_file, private_folder
from trustmed.errors import Broken

MAJOR = "18"
_LOCALE = (
    # The built-in provider sorts alike on every machine; LC_CTYPE must not be C, or pg_trgm finds no Cyrillic letters.
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"),
    *("--encoding=UTF8", "--data-checksums", "--auth=scram-sha-256", "--username=postgres"),
)
_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_CRASH_SECONDS = 10.0

StopMode = Literal["smart", "fast", "immediate"]


class BrokenData(Broken):
    """A server's data folder is not one this PostgreSQL can start on."""


class ServerFailed(Broken):
    """A server did not come up, or would not go down."""


class PostgresServer(msgspec.Struct, frozen=True):
    """What a server shall be. `folder` is its own: the cluster in `folder/data`, the log in `folder/log`."""

    name: str
    folder: Path
    port: int
    memory: Memory = "small"
    settings: Settings = {}

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"


class PostgresHandle(msgspec.Struct, frozen=True):
    """A running server; `adopted` if it was running already."""

    server: PostgresServer
    process: Process
    adopted: bool = False


def conninfo(server: PostgresServer, *, user: str, password: str, dbname: str = "postgres") -> str:
    """A libpq connection string to a database of this server."""
    return psycopg.conninfo.make_conninfo("", host=HOST, port=server.port, user=user, password=password, dbname=dbname)


def initialise(server: PostgresServer, admin_password: str) -> bool:
    """Make the cluster, superuser `postgres`, unless it is there (then False). Raises BrokenData, ServerFailed.

    It is made aside and renamed when whole: killed half-way, it leaves nothing that looks like a cluster.
    """
    if server.data.exists():
        _require_cluster(server)
        return False
    owner = account()
    private_folder(server.folder, owner)
    for left in server.folder.glob("making-*"):
        _remove(left)
    making, secret = server.folder / f"making-{time.time_ns()}", server.folder / "making-password"
    private_file(secret, f"{admin_password}\n", owner)
    try:
        _initdb(making, secret, owner)
        private_file(making / "pg_hba.conf", ACCESS, owner)
        making.rename(server.data)
    finally:
        secret.unlink()
        _remove(making)
    return True


def launch(server: PostgresServer, *, tied: bool = True) -> PostgresHandle:
    """Start the server without waiting for it, or take over the one that runs on this data already.

    `tied`: the server shuts down by itself when this process dies; then call this from the main thread.
    Raises BrokenData, PortTaken, ServerFailed.
    """
    _require_cluster(server)
    owner = account()
    private_folder(server.log, owner)
    written = _configure(server, owner)
    running = find(server)
    if running and not written and _status(server) in ("ready", "starting"):
        return PostgresHandle(server, running, adopted=True)
    if running:
        stop(PostgresHandle(server, running))
    _end_orphans(server)
    require_free(server.port, server.name)
    serverlog.prune(server.log)
    _remove_locks(server)
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
    """Wait until it takes connections (crash recovery included). Raises ServerFailed with the end of its log."""
    deadline = time.monotonic() + timeout
    while (status := _status(handle.server, handle.process.pid)) != "ready" or not is_running(handle):
        if not is_running(handle):
            raise _failed(handle.server, "не запустился", "did not start")
        if time.monotonic() > deadline:
            raise _failed(handle.server, f"не готов за {timeout:.0f} с", f"is not ready after {timeout:.0f} s", status)
        time.sleep(0.02)
    return handle


def start(server: PostgresServer, *, tied: bool = True, timeout: float = 60.0) -> PostgresHandle:
    """Launch and wait until it takes connections; see `launch` and `wait_ready`. A failed start leaves no process."""
    handle = launch(server, tied=tied)
    try:
        return wait_ready(handle, timeout)
    except BaseException:
        kill9(handle)
        raise


def stop(handle: PostgresHandle, mode: StopMode = "fast", timeout: float = 30.0) -> None:
    """Stop and wait; past `timeout` the stop becomes an immediate one (the next start then recovers from WAL)."""
    stop_all([handle], mode, timeout)


def stop_all(handles: Sequence[PostgresHandle], mode: StopMode = "fast", timeout: float = 30.0) -> None:
    """Stop several servers at once, as `stop` does."""
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
    """Whether this very server process lives."""
    return process.is_alive(handle.process)


def kill9(handle: PostgresHandle) -> None:
    """End the server and all its backends at once, as a power cut would; returns when they are gone."""
    # The postmaster first: it must not live to see its children die and recover by itself.
    process.send(handle.process, signal.SIGKILL)
    process.wait_gone([handle.process], _CRASH_SECONDS)
    for one in _processes(handle.server):
        process.send(one, signal.SIGKILL)
    _end_orphans(handle.server)


def find(server: PostgresServer) -> Process | None:
    """The postmaster that runs on this server's data now, whoever started it."""
    pid = _postmaster_file(server)[0:1]
    found = process.identify(int(pid[0])) if pid and pid[0].isdigit() else None
    return found if found in _processes(server) else None


def memory(handle: PostgresHandle) -> int:
    """Bytes of memory the server really costs: proportional set size of all its processes."""
    total = 0
    for one in _processes(handle.server):
        try:
            text = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # a backend that ended meanwhile costs nothing
        total += sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
    return total


def _initdb(target: Path, secret: Path, owner: Account | None) -> None:
    program = postgres_programs(owner) / "initdb"
    done = subprocess.run(  # noqa: S603
        [program, "-D", target, f"--pwfile={secret}", *_LOCALE],
        capture_output=True,
        text=True,
        cwd=target.parent,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=() if owner else None,
    )
    if done.returncode:
        raise ServerFailed(
            f"initdb не создал базу в {target.parent}: {done.stderr.strip()}",
            f"initdb made no cluster in {target.parent}: {done.stderr.strip()}",
        )


def _require_cluster(server: PostgresServer) -> None:
    marker = server.data / "PG_VERSION"
    version = marker.read_text().strip() if marker.is_file() else None
    if version == MAJOR and (server.data / "global" / "pg_control").is_file():
        return
    if not server.data.exists():
        ru, en = "её нет: сначала создайте её", "it is absent: initialise it first"
    elif version and version != MAJOR:
        ru = f"её создал PostgreSQL {version}, а здесь {MAJOR}: перенесите данные pg_upgrade или начните заново"
        en = f"PostgreSQL {version} made it and this is {MAJOR}: move it with pg_upgrade or start over"
    else:
        ru, en = "она повреждена: восстановите её из копии или удалите", "it is damaged: restore a backup or remove it"
    raise BrokenData(
        f"Папка данных сервера «{server.name}» ({server.data}): {ru}.",
        f"The data folder of server {server.name!r} ({server.data}): {en}.",
    )


def _configure(server: PostgresServer, owner: Account | None) -> bool:
    """Write postgresql.conf if it is to change; True if it did."""
    values = settings(server.name, server.port, str(server.log), server.memory, server.settings)
    text, path = rendered(values), server.data / "postgresql.conf"
    if path.is_file() and path.read_text() == text:
        return False
    private_file(path, text, owner)
    return True


def _postmaster_file(server: PostgresServer) -> list[str]:
    try:
        return (server.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _status(server: PostgresServer, pid: int | None = None) -> str:
    """starting, ready, stopping, standby; "" while the file is absent or, given `pid`, another process's."""
    lines = _postmaster_file(server)
    mine = pid is None or lines[:1] == [str(pid)]
    return lines[7].strip() if mine and len(lines) > 7 else ""


def _processes(server: PostgresServer) -> list[Process]:
    """The server's processes; each lives in the data folder."""
    return process.working_in(server.data, "postgres")


def _end_orphans(server: PostgresServer) -> None:
    """End backends that outlived their postmaster: they hold its shared memory and would stop a new start."""
    left = process.wait_gone(_processes(server), 5.0)
    for one in left:
        process.send(one, signal.SIGKILL)
    if left := process.wait_gone(left, _CRASH_SECONDS):
        numbers = ", ".join(str(one.pid) for one in left)
        raise _failed(server, f"не остановился (процессы {numbers})", f"did not stop (processes {numbers})")


def _remove_locks(server: PostgresServer) -> None:
    """Remove what a dead postmaster left: its number may be another program's by now, or a dead child not yet reaped.

    PostgreSQL would take either for a rival and refuse to start.
    """
    for path in (server.data / "postmaster.pid", *server.data.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _environment(server: PostgresServer) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(server.folder)}


def _start_log(server: PostgresServer) -> Path:
    path = server.log / "start.txt"
    path.unlink(missing_ok=True)
    return path


def _failed(server: PostgresServer, ru: str, en: str, status: str = "") -> ServerFailed:
    tail = serverlog.tail(server.log) or status or "—"
    return ServerFailed(
        f"PostgreSQL «{server.name}» (порт {server.port}) {ru}. Конец журнала ({server.log}):\n{tail}",
        f"PostgreSQL {server.name!r} (port {server.port}) {en}. The end of its log ({server.log}):\n{tail}",
    )


def _remove(folder: Path) -> None:
    """Remove a half-made cluster; one that is gone already is fine."""
    if folder.exists():
        shutil.rmtree(folder)
