"""A Valkey (or Redis) server of this machine for hot data: nothing is stored on disk, all of it may vanish."""

import shutil
import signal
import socket
import time
from pathlib import Path

import msgspec

from trustmed.embedded import process
from trustmed.embedded.ports import HOST, require_free
from trustmed.embedded.process import Process
from trustmed.embedded.unprivileged import NotInstalled, account, private_file, private_folder, valkey_program
from trustmed.errors import Broken

_SYSTEM_PROGRAMS = ("valkey-server", "redis-server")
_LOG_TAIL = 2000  # characters
_END_SECONDS = 5.0


class CacheFailed(Broken):
    """The server for hot data did not start."""


class ValkeyServer(msgspec.Struct, frozen=True):
    """The description of a server; `folder` is its own."""

    name: str
    folder: Path
    port: int
    maxmemory: str = "64mb"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"


class ValkeyHandle(msgspec.Struct, frozen=True):
    """A running server."""

    server: ValkeyServer
    process: Process


class Absent(msgspec.Struct, frozen=True):
    """There is no program for the server, for this reason; the region works without it, more slowly."""

    reason: NotInstalled


def program() -> Path | Absent:
    """Return the machine's own valkey-server or redis-server, else the wheel's."""
    for name in _SYSTEM_PROGRAMS:
        if found := shutil.which(name, path="/usr/local/bin:/usr/bin:/bin"):
            return Path(found)
    try:
        return valkey_program(account())
    except NotInstalled as absent:
        return Absent(absent)


def start(server: ValkeyServer, password: str, *, tied: bool = True, timeout: float = 20.0) -> ValkeyHandle | Absent:
    """Start the server and wait for its first answer; Absent if there is no program. Raises PortTaken, CacheFailed."""
    handle = launch(server, password, tied=tied)
    if isinstance(handle, Absent):
        return handle
    try:
        return wait_ready(handle, password, timeout)
    except BaseException:
        kill9(handle)
        raise


def launch(server: ValkeyServer, password: str, *, tied: bool = True) -> ValkeyHandle | Absent:
    """Start the server without waiting. One that a killed process left is ended first: its data is worth nothing."""
    found = program()
    if isinstance(found, Absent):
        return found
    owner = account()
    private_folder(server.folder, owner)
    _end_left_over(server, found)
    require_free(server.port, server.name)
    configuration = server.folder / "valkey.conf"
    private_file(configuration, _configuration(server, password), owner)
    server.log.unlink(missing_ok=True)
    started = process.spawn(
        [str(found), str(configuration)],
        log=server.log,
        folder=server.folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        account=owner,
        on_our_death=signal.SIGTERM if tied else None,
    )
    return ValkeyHandle(server, started)


def wait_ready(handle: ValkeyHandle, password: str, timeout: float = 20.0) -> ValkeyHandle:
    """Wait until the server accepts the password. Raises CacheFailed with the end of its log."""
    deadline = time.monotonic() + timeout
    while not _answers(handle.server.port, password):
        if not process.is_alive(handle.process) or time.monotonic() > deadline:
            log = handle.server.log.read_text(errors="replace")[-_LOG_TAIL:].strip()
            raise CacheFailed(
                f"Valkey «{handle.server.name}» (порт {handle.server.port}) не запустился. Конец журнала:\n{log}",
                f"Valkey {handle.server.name!r} (port {handle.server.port}) did not start. The end of its log:\n{log}",
            )
        time.sleep(0.02)
    return handle


def stop(handle: ValkeyHandle, timeout: float = 5.0) -> None:
    """Stop the server and wait; kill it after `timeout`."""
    process.send(handle.process, signal.SIGTERM)
    if process.wait_gone([handle.process], timeout):
        kill9(handle)


def is_running(handle: ValkeyHandle) -> bool:
    """Whether this very server process is alive."""
    return process.is_alive(handle.process)


def kill9(handle: ValkeyHandle) -> None:
    """Kill the server and wait until it is gone."""
    process.send(handle.process, signal.SIGKILL)
    process.wait_gone([handle.process], 10.0)


def _configuration(server: ValkeyServer, password: str) -> str:
    return (
        f'bind {HOST}\nport {server.port}\nprotected-mode yes\nrequirepass "{_escaped(password)}"\n'
        f'dir "{_escaped(str(server.folder))}"\ndaemonize no\nsave ""\nappendonly no\n'
        f"maxmemory {server.maxmemory}\nmaxmemory-policy allkeys-lru\n"
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _answers(port: int, password: str) -> bool:
    secret = password.encode()
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n*1\r\n$4\r\nPING\r\n" % (len(secret), secret))
            return connection.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _end_left_over(server: ValkeyServer, found: Path) -> None:
    left = process.working_in(server.folder, found.resolve().name)
    for one in left:
        process.send(one, signal.SIGTERM)
    for one in process.wait_gone(left, _END_SECONDS):
        process.send(one, signal.SIGKILL)
    process.wait_gone(left, _END_SECONDS)
