"""A Valkey (or Redis) server of this machine for hot data: nothing in it is kept on disk, all of it may vanish."""

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
_LOG_TAIL = 2000


class CacheFailed(Broken):
    """The server for hot data did not come up."""


class ValkeyServer(msgspec.Struct, frozen=True):
    """What the server shall be; `folder` is its own."""

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
    """Why there is no server: the region then works without one, slower."""

    reason: NotInstalled


def program() -> Path | Absent:
    """The machine's own valkey-server or redis-server, else the wheel's."""
    for name in _SYSTEM_PROGRAMS:
        if found := shutil.which(name, path="/usr/local/bin:/usr/bin:/bin"):
            return Path(found)
    try:
        return valkey_program(account())
    except NotInstalled as absent:
        return Absent(absent)


def start(server: ValkeyServer, password: str, *, tied: bool = True, timeout: float = 20.0) -> ValkeyHandle | Absent:
    """Start it and wait for its first answer; Absent where this machine has none. Raises PortTaken, CacheFailed."""
    handle = launch(server, password, tied=tied)
    if isinstance(handle, Absent):
        return handle
    try:
        return wait_ready(handle, password, timeout)
    except BaseException:
        kill9(handle)
        raise


def launch(server: ValkeyServer, password: str, *, tied: bool = True) -> ValkeyHandle | Absent:
    """Start it without waiting; one left over by a killed process is ended first, it holds nothing of worth."""
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
    """Wait until it answers to the password. Raises CacheFailed with the end of its log."""
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
    """Stop it and wait; past `timeout` it is killed."""
    process.send(handle.process, signal.SIGTERM)
    if process.wait_gone([handle.process], timeout):
        kill9(handle)


def is_running(handle: ValkeyHandle) -> bool:
    """Whether this very server process lives."""
    return process.is_alive(handle.process)


def kill9(handle: ValkeyHandle) -> None:
    """End it at once."""
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
    for one in process.wait_gone(left, 5.0):
        process.send(one, signal.SIGKILL)
    process.wait_gone(left, 5.0)
