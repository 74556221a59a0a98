"""Ports of this machine."""

import socket
from contextlib import ExitStack

from trustmed.errors import Unavailable

HOST = "127.0.0.1"


class PortTaken(Unavailable):
    """Another program listens on the port a server needs."""


def free_ports(count: int) -> list[int]:
    """`count` different ports nobody listens on now."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in held]


def require_free(port: int, name: str) -> None:
    """Raise PortTaken if server `name` could not listen on `port`."""
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
