"""A process of ours: start it in a session of its own, know it by pid and time of birth, end it for certain."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from trustmed.embedded.unprivileged import Account

_POLL_SECONDS = 0.02
_TIED = Path(__file__).with_name("tied.py")


class Process(msgspec.Struct, frozen=True):
    """A pid and the time of birth (clock ticks since boot), which tells the process from a later one with its pid."""

    pid: int
    born: int


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    folder: Path,
    env: Mapping[str, str],
    account: Account | None = None,
    on_our_death: signal.Signals | None = signal.SIGKILL,
) -> Process:
    """Start `argv` with its output appended to `log` (mode 600).

    `on_our_death` is the signal that the kernel sends it when this process dies in any way; None lets it live on. The
    kernel watches the thread that started it, so such a process must be started from the main thread.
    """
    if on_our_death and threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a process tied to the life of this one must be started from its main thread")
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        wrapper = [sys.executable, "-I", "-S", str(_TIED), str(int(on_our_death or 0)), str(os.getpid())]
        identity = [str(account.uid if account else -1), str(account.gid if account else -1)]
        pid = os.posix_spawn(
            sys.executable,
            [*wrapper, *identity, str(folder), *argv],
            dict(env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD),
        )
    finally:
        os.close(output)
    return Process(pid, _stat(pid)[1])


def identify(pid: int) -> Process | None:
    """Return the living process that has this pid now."""
    state, born = _stat(pid)
    return None if state in "ZX" else Process(pid, born)


def is_alive(process: Process) -> bool:
    """Whether the process still runs; a dead child that is not reaped yet does not."""
    state, born = _stat(process.pid)
    return state not in "ZX" and born == process.born


def reap(process: Process) -> int | None:
    """Reap a dead child; return its exit code, negative for a signal. None if it lives or is not our child."""
    try:
        pid, status = os.waitpid(process.pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if pid else None


def send(process: Process, number: signal.Signals) -> bool:
    """Send the process a signal; False if it is already gone."""
    if not is_alive(process):
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def end_group(process: Process) -> None:
    """Kill what is left of the group that the process leads, or led a moment ago: its pid must not be in use again."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_gone(processes: Iterable[Process], seconds: float) -> list[Process]:
    """Wait until all are gone, and reap children of ours; return those that still live after `seconds`."""
    left = waited = list(processes)
    deadline = time.monotonic() + seconds
    while left := [process for process in left if is_alive(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    for process in waited:
        reap(process)
    return left


def working_in(folder: Path, program: str) -> list[Process]:
    """Return the living processes of the executable file `program` whose working folder is `folder`."""
    wanted = str(folder.resolve())
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            here, file = os.readlink(f"{entry.path}/cwd"), os.readlink(f"{entry.path}/exe")
        except OSError:
            continue  # it has ended, or it is another user's: not ours in either case
        named = Path(file.removesuffix(" (deleted)")).name == program
        if here == wanted and named and (process := identify(int(entry.name))):
            found.append(process)
    return found


def _stat(pid: int) -> tuple[str, int]:
    """Return state letter ("X": no such process) and birth in ticks, from /proc/PID/stat (see proc(5)).

    A zombie with living threads counts as alive ("D"): the threads keep its files and ports open.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    fields = text.rpartition(")")[2].split()  # a name may have spaces and parentheses of its own
    state, threads, born = fields[0], int(fields[17]), int(fields[19])
    return ("D" if state == "Z" and threads > 1 else state), born
