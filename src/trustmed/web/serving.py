"""Serve an application in one process until it is told to stop."""

from typing import Final

from litestar.types import ASGIApp

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection (httpx: 5 s), so that the server never closes one being reused."""


def serve_application(app: ASGIApp, listen: str) -> None:
    """Serve at `listen` (host:port). No access log: a URL may hold a СНИЛС; `Edge` logs routes instead."""
    import uvicorn

    host, _, port = listen.rpartition(":")
    uvicorn.run(
        app,
        host=host.strip("[]"),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
