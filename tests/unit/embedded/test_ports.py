"""Ports for servers that will be killed and started again."""

import socket
from pathlib import Path

import pytest

from trustmed.embedded.ports import HOST, PortTaken, free_ports, require_free


def test_ports_are_different_free_and_outside_the_range_of_clients() -> None:
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    found = free_ports(30)
    assert len(set(found)) == 30
    assert not [port for port in found if low <= port <= high]
    for port in found:
        require_free(port, "somebody")


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(PortTaken, match=str(other.getsockname()[1])):
            require_free(other.getsockname()[1], "somebody")
