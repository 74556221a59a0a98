"""Find the routes of an application and ask them without a server, so that a test holds the body in its hand."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

SAMPLES = {"uuid": str(UUID(int=1)), "int": "1", "str": "word", "path": "word", "date": "2026-11-05"}


class Route(NamedTuple):
    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def address(self) -> str:
        """The path with a sample in the place of each parameter."""
        parts = (part.strip("{}").partition(":") if part.startswith("{") else part for part in self.path.split("/"))
        return "/".join(part if isinstance(part, str) else SAMPLES[part[2]] for part in parts)


class Answer(NamedTuple):
    """What an application answered, and how often it asked for a piece of the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    reads: int


def routes_of(app: Litestar) -> Iterator[Route]:
    """Return every method of every route that the application's own code answers."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods):
                    if method != "OPTIONS":
                        yield Route(str(method), route.path, handler)


async def ask(
    app: Any,
    method: str,
    path: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    hangs_up: bool = False,
    **scope: Any,
) -> Answer:
    """Send one request to the application and return its answer. `hangs_up`: the caller leaves after this body."""
    status, found, answered, reads = 0, {}, b"", 0

    async def receive() -> dict[str, Any]:
        nonlocal reads
        reads += 1
        if reads > 1:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": hangs_up}

    async def send(message: Any) -> None:
        nonlocal status, found, answered
        if message["type"] == "http.response.start":
            status = message["status"]
            found = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            answered += message.get("body", b"")

    address, _, query = path.partition("?")
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": address,
            "raw_path": address.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
            "state": {},
            **scope,
        },
        receive,
        send,
    )
    return Answer(status, found, answered, reads)
