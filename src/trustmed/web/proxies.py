"""Who really asks, where proxies stand between: only what a proxy named in the topology says is believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks that a topology names; it was checked when it was read."""
    return tuple(ip_network(text) for text in texts)


def look_behind(scope: Any, headers: Headers, trusted: Sequence[Network]) -> None:
    """Put the asker's own address and scheme into the scope if a trusted proxy passed the request on.

    Headers grow to the right: the last address not of a trusted proxy is the first that nobody could have made up.
    """
    client = scope.get("client")
    if not trusted or client is None or not is_trusted(client[0], trusted):
        return
    hops = ",".join(headers.getall("x-forwarded-for", [])).split(",")
    for hop in reversed(hops):
        address = _address(hop)
        if address is None:
            break
        scope["client"] = (str(address), 0)
        if not _is_within(address, trusted):
            break
    scheme = ",".join(headers.getall("x-forwarded-proto", [])).rpartition(",")[2].strip().lower()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme


def is_trusted(host: str, trusted: Sequence[Network]) -> bool:
    """Return whether a network address is of a proxy that is believed."""
    address = _address(host)
    return address is not None and _is_within(address, trusted)


def is_https(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Return whether the person's browser speaks https: to this server, to a trusted proxy, or because we are told."""
    return connection.scope.get("scheme") == "https" or bool(connection.app.state.https)


def _is_within(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _address(text: str) -> Address | None:
    """Return the address in a text like 10.0.0.1, 10.0.0.1:80, ::1 or [::1]:80, None if it is not one."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
