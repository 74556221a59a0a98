"""Proxies in front of a web server whose word about the asker is taken: `trusted_proxies` of a region and of a site."""

from collections.abc import Iterator
from ipaddress import ip_network

from trustmed.topology.file.lines import KeyPath
from trustmed.topology.file.problem import Problem
from trustmed.topology.file.spec import Topology


def proxies_problems(topology: Topology) -> Iterator[Problem]:
    """Find what is no network, and networks of everybody: they would let anybody say who asks."""
    named: list[tuple[KeyPath, tuple[str, ...]]] = [(("region", "trusted_proxies"), topology.region.trusted_proxies)]
    named += [(("site", index, "trusted_proxies"), site.trusted_proxies) for index, site in enumerate(topology.site)]
    for path, networks in named:
        for text in networks:
            if not _is_network(text):
                yield Problem(
                    path,
                    0,
                    f"«{text}»: нужен адрес прокси или его сеть, например 10.0.0.5 или 10.0.0.0/24, "
                    "но не все адреса сразу",
                    f"{text!r}: the address of a proxy or its network is needed, like 10.0.0.5 or 10.0.0.0/24, "
                    "not all addresses at once",
                )


def _is_network(text: str) -> bool:
    try:
        return ip_network(text).prefixlen > 0
    except ValueError:
        return False
