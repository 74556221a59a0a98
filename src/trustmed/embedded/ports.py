"""Find free ports of this machine."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from trustmed.errors import Unavailable

HOST = "127.0.0.1"
_LOWEST = 10_000
_LINUX_DEFAULT = 32_768


class PortTaken(Unavailable):
    """Another program listens on the port that a server needs."""


class PortsMissing(Unavailable):
    """This machine has too few free ports."""


def free_ports(count: int) -> list[int]:
    """Return `count` different ports on which nobody listens, below those that the kernel gives to clients.

    A restarted server might find a port of the kernel's taken by any client; even by its own, since a client that keeps
    connecting to a port where nobody listens may at last be connected to itself.
    """
    end = _first_ephemeral()
    candidates = list(range(_LOWEST, end))
    random.shuffle(candidates)
    found: list[int] = []
    with ExitStack() as stack:
        while candidates and len(found) < count:
            with suppress(OSError):
                stack.enter_context(socket.socket()).bind((HOST, port := candidates.pop()))
                found.append(port)
    if len(found) < count:
        raise PortsMissing(
            f"Нужно портов: {count}, а свободны от {_LOWEST} до {end} только {len(found)}: закройте лишние программы.",
            f"{count} ports are needed, only {len(found)} from {_LOWEST} to {end} are free: end some programs.",
        )
    return found


def _first_ephemeral() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return _LINUX_DEFAULT


def require_free(port: int, name: str) -> None:
    """Raise PortTaken if the server `name` could not listen on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTaken(
                f"Порт {port} нужен серверу «{name}», но занят другой программой ({error.strerror}): "
                f"освободите его или назначьте серверу другой порт.",
                f"Port {port}, needed by server {name!r}, is taken by another program ({error.strerror}): "
                f"free it or give the server another port.",
            ) from error
