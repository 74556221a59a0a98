"""Whose word about the asker is taken."""

from typing import Any

import pytest
from litestar.datastructures import Headers

from trustmed.web.proxies import is_trusted, look_behind, networks_of

TRUSTED = networks_of(("10.0.0.0/8", "fd00::/8"))


def seen(client: str, trusted: Any = TRUSTED, **headers: str) -> tuple[str, str]:
    scope: dict[str, Any] = {"client": (client, 5), "scheme": "http"}
    look_behind(scope, Headers({name.replace("_", "-"): value for name, value in headers.items()}), trusted)
    return scope["client"][0], scope["scheme"]


@pytest.mark.parametrize(
    ("client", "forwarded", "asker"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "1.1.1.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7:443", "192.0.2.7"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.9", "10.0.0.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.1", "1.1.1.1", "192.0.2.1"),
        ("127.0.0.1", "1.1.1.1", "127.0.0.1"),
        ("testclient", "1.1.1.1", "testclient"),
    ],
)
def test_the_asker_is_the_last_hop_that_no_trusted_proxy_made(client: str, forwarded: str, asker: str):
    assert seen(client, x_forwarded_for=forwarded)[0] == asker


def test_the_scheme_is_what_the_nearest_trusted_proxy_says():
    assert seen("10.0.0.1", x_forwarded_proto="https") == ("10.0.0.1", "https")
    assert seen("10.0.0.1", x_forwarded_proto="http, https")[1] == "https"
    assert seen("10.0.0.1", x_forwarded_proto="gopher")[1] == "http"
    assert seen("192.0.2.1", x_forwarded_proto="https")[1] == "http"


def test_without_trusted_proxies_nobody_is_believed():
    assert seen("127.0.0.1", (), x_forwarded_for="1.1.1.1", x_forwarded_proto="https") == ("127.0.0.1", "http")
    assert not is_trusted("127.0.0.1", ())
