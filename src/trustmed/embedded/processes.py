"""A small supervisor: it starts services in order, restarts dead ones, stops all in reverse and leaves no process.

A service is a server or a program; it says how it is launched and how it is stopped.
"""

import signal
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Literal, Self

import msgspec

from trustmed.embedded import postgres, process, valkey
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.postgres import PostgresHandle
from trustmed.embedded.process import Process
from trustmed.embedded.valkey import Absent, ValkeyHandle, ValkeyServer
from trustmed.errors import NotFound, TrustMedError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK = 0.1
_FIRST_WAIT = 0.25
_GROUP_SECONDS = 5.0
_CALM = 30.0  # seconds a service must live for its earlier deaths to be forgotten
_LONGEST_WAIT = 30.0

State = Literal["started", "died", "failed", "stopped"]


class Happening(msgspec.Struct, frozen=True):
    """An event of a service; `detail` is the exit code or the error, `retry_in` is in seconds."""

    state: State
    service: str
    pid: int | None = None
    detail: str = ""
    deaths: int = 0
    retry_in: float | None = None


class Program(msgspec.Struct, frozen=True):
    """A program of ours. Its output is appended to `log`; `env` is its whole environment."""

    name: str
    argv: tuple[str, ...]
    log: Path
    folder: Path
    env: Mapping[str, str]
    stop_seconds: float = 10.0


class Service(msgspec.Struct, frozen=True):
    """How a service is launched (without waiting for it) and stopped (waiting until it is gone)."""

    name: str
    launch: Callable[[], Process]
    stop: Callable[[Process], None]


class _Kept(msgspec.Struct):
    service: Service
    process: Process
    since: float
    deaths: int = 0
    retry_at: float | None = None


def program_service(program: Program) -> Service:
    """Return a program of ours as a service."""

    def launch() -> Process:
        return process.spawn(program.argv, log=program.log, folder=program.folder, env=program.env)

    def stop(running: Process) -> None:
        if process.send(running, signal.SIGTERM):
            process.wait_gone([running], program.stop_seconds)
            process.end_group(running)
            process.wait_gone([running], _GROUP_SECONDS)

    return Service(program.name, launch, stop)


def postgres_service(server: PostgresServer) -> Service:
    """Return a PostgreSQL server as a service; its cluster must be initialised before."""
    return Service(
        server.name,
        lambda: postgres.launch(server).process,
        lambda running: postgres.stop(PostgresHandle(server, running)),
    )


def valkey_service(server: ValkeyServer, password: str) -> Service:
    """Return a Valkey server as a service; check with `valkey.program()` first that this machine has one."""

    def launch() -> Process:
        handle = valkey.launch(server, password)
        if isinstance(handle, Absent):
            raise handle.reason
        return handle.process

    return Service(server.name, launch, lambda running: valkey.stop(ValkeyHandle(server, running)))


@contextmanager
def _hold_signals() -> Generator[None]:
    """Hold signals back: one that came between a process's start and the note of its pid would leave it running."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Supervisor:
    """Keeps services alive inside a `with` block of the main thread; leaving the block stops them in reverse order.

    SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt in the block, so that slow starts are cut short as well.
    """

    def __init__(self, report: Callable[[Happening], None] = lambda happening: None) -> None:
        self._report = report
        self._kept: dict[str, _Kept] = {}
        self._stopping = False
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        with ExitStack() as stack:  # runs its callbacks in reverse, each of them whatever happens in the others
            for number, handler in self._before.items():
                stack.callback(signal.signal, number, handler)
            for name in self._kept:
                stack.callback(self.stop, name)

    def start(self, service: Service) -> Process:
        """Launch the service and keep it alive from now on."""
        with _hold_signals():
            started = service.launch()
            self._kept[service.name] = _Kept(service, started, time.monotonic())
        self._report(Happening("started", service.name, started.pid))
        return started

    def stop(self, name: str) -> None:
        """Stop one service and no longer restart it. Raises NotFound."""
        kept = self._find(name)
        kept.service.stop(kept.process)
        del self._kept[name]
        self._report(Happening("stopped", name, kept.process.pid))

    def running(self, name: str) -> bool:
        """Whether the service is alive now. Raises NotFound."""
        return process.is_alive(self._find(name).process)

    def process_of(self, name: str) -> Process:
        """Return the service's present process. Raises NotFound."""
        return self._find(name).process

    def run(self) -> None:
        """Keep everything alive until a signal says to stop."""
        try:
            while True:
                self.look()
                time.sleep(_TICK)
        except KeyboardInterrupt:
            return

    def look(self) -> None:
        """Look after dead services once: report new deaths, and restart those whose wait is over."""
        now = time.monotonic()
        for kept in list(self._kept.values()):
            if kept.retry_at is None:
                self._notice(kept, now)
            elif now >= kept.retry_at:
                self._revive(kept, now)

    def _notice(self, kept: _Kept, now: float) -> None:
        if process.is_alive(kept.process):
            return
        code = process.reap(kept.process)
        process.end_group(kept.process)
        if now - kept.since > _CALM:
            kept.deaths = 0
        self._wait_longer(kept, now, "died", "" if code is None else str(code))

    def _revive(self, kept: _Kept, now: float) -> None:
        try:
            with _hold_signals():
                kept.process = kept.service.launch()
        except TrustMedError as error:
            self._wait_longer(kept, now, "failed", str(error))
            return
        kept.since, kept.retry_at = now, None
        self._report(Happening("started", kept.service.name, kept.process.pid, deaths=kept.deaths))

    def _wait_longer(self, kept: _Kept, now: float, state: State, detail: str) -> None:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**kept.deaths)
        kept.deaths += 1
        kept.retry_at = now + wait
        self._report(Happening(state, kept.service.name, kept.process.pid, detail, kept.deaths, wait))

    def _find(self, name: str) -> _Kept:
        if name not in self._kept:
            names = ", ".join(self._kept) or "—"
            raise NotFound(f"Службы «{name}» нет; есть: {names}.", f"There is no service {name!r}; there are: {names}.")
        return self._kept[name]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise KeyboardInterrupt
