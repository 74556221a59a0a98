"""Serve an application in one process until it is told to stop."""

import resource
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from litestar.types import ASGIApp

from trustmed.web.protocol import Doorkeeper, Limits, protocol_of
from trustmed.web.proxies import Network

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection (httpx: 5 s), so that the server never closes one being reused."""
SPARE_FILES: Final = 500
"""Files and sockets that a server needs beside its connections."""


class Tls(msgspec.Struct, frozen=True):
    """Files in PEM. `clients`: authorities whose certificates callers may present (people's browsers have none);
    `revoked`: their lists of revoked certificates.
    """

    certificate: Path
    key: Path
    clients: Path | None = None
    revoked: Path | None = None


def serve_application(
    app: ASGIApp, listen: str, *, trusted_proxies: Sequence[Network] = (), tls: Tls | None = None
) -> None:
    """Serve at `listen` (host:port). No access log: a URL may hold a СНИЛС; `Edge` logs routes instead."""
    limits = Limits()
    _make_room_for(limits.connections + SPARE_FILES)
    make_server(app, listen, limits=limits, trusted_proxies=trusted_proxies, tls=tls).run()


def make_server(
    app: ASGIApp,
    listen: str,
    *,
    limits: Limits | None = None,
    trusted_proxies: Sequence[Network] = (),
    tls: Tls | None = None,
) -> uvicorn.Server:
    """Return the server, which is yet to be run."""
    host, _, port = listen.rpartition(":")
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host.strip("[]"),
            port=int(port),
            http=protocol_of(Doorkeeper(limits or Limits(), trusted_proxies)),
            ws="none",
            proxy_headers=False,  # `Edge` looks behind trusted proxies; uvicorn would believe whatever 127.0.0.1 says
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ssl_context_factory=None if tls is None else _context_of(tls),
        )
    )


def _context_of(tls: Tls) -> Callable[..., ssl.SSLContext]:
    def make(*_: Any) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.clients is not None:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(tls.clients)
        if tls.revoked is not None:
            context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
            context.load_verify_locations(tls.revoked)
        return context

    return make


def _make_room_for(files: int) -> None:
    """Raise this process's own limit of open files as far as it may be raised."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < files:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (files if most == resource.RLIM_INFINITY else min(files, most), most)
        )
