"""What logs never hold: every handler of both applications fails with the whole request in its hands and words."""

import io
import json
import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from litestar import Litestar, Request
from litestar.testing import AsyncTestClient

from tests.fix_region import RegionStand, new_snils, signed_in
from tests.fix_site import PASSWORD, Client, SiteStand
from tests.integration.doors.routes import Route, request_for, routes_of
from tests.searching import csrf_token
from trustmed.errors import InputRefused
from trustmed.web.logs import configure

UNLOGGED = {"GET /health", "GET /ready", "GET /metrics"}
"""Machines ask these every few seconds; their faults are logged, their requests are not."""


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log as programs write it."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    configure(stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], level = before
    root.setLevel(level)


async def fail(values: dict[str, Any]) -> None:
    """Fail as badly as a handler can: words, notes, causes, contexts and members of a group hold what was sent."""
    request: Request[Any, Any, Any] | None = values.get("request")
    held = repr(values)
    if request is not None:
        held += f"{request.url} {dict(request.headers)} {request.cookies} {await request.body()!r}"
    members: list[Exception] = [InputRefused(held, held), ValueError(held), KeyError(held)]
    try:
        try:
            raise psycopg.errors.QueryCanceled(held)
        except psycopg.Error as error:
            members.append(error)
            raise LookupError(held) from error
    except LookupError as behind:
        behind.add_note(held)
        inner = ExceptionGroup(held, [UnicodeEncodeError("ascii", held, 0, 1, held)])
        raise ExceptionGroup(held, [*members, inner])  # noqa: B904 the context is what is tried


def break_handlers(app: Litestar) -> list[Route]:
    """Make all handlers fail, whoever asks; return their routes."""
    routes = routes_of(app)
    for route in routes:

        async def failing(**values: Any) -> None:
            await fail(values)

        route.handler._fn = failing
        route.handler.has_sync_callable = False
        route.handler._resolved_guards = []
    return routes


async def ask_all(client: AsyncTestClient, mark: str, more: dict[str, str], csrf: str) -> set[str]:
    """Ask every route with the mark in path, query, headers, cookies and body; return the names of the routes."""
    routes = break_handlers(client.app)
    client.cookies.set("another", mark)
    for route in routes:
        asked = request_for(route, mark)
        # A page is opened by the session's cookie: another token beside it would be taken for a session's.
        is_page = not route.path.startswith(("/api/", "/portal/"))
        headers = {"x-anything": mark, "x-csrftoken": csrf, **({} if is_page else more)}
        body: dict[str, Any] = {"data": {"surname": mark, "_csrf_token": csrf}} if asked.json is None else {}
        if route.method in ("GET", "DELETE"):
            body = {}
        elif asked.json is not None:
            body = {"json": asked.json}
        answer = await client.request(route.method, asked.path, params=asked.query, headers=headers, **body)
        assert answer.status_code == 500, f"{route.name}: {answer.status_code} {answer.text[:300]}"
    return {route.name for route in routes}


def faults(lines: str) -> set[str]:
    """Return the routes that the log says have failed."""
    told = [json.loads(line) for line in lines.splitlines()]
    return {f"{one['method']} {one['route']}" for one in told if one["event"] == "request" and one["status"] == 500}


async def test_no_log_line_of_the_region_holds_what_was_sent(
    region_stands: Callable[[str], RegionStand], written: io.StringIO
):
    region, mark, token, snils = region_stands("together"), f"mark{secrets.token_hex(8)}", f"t{uuid4()}", new_snils()
    region.add_client(token, ["portal", "mpi", "record", "booking", "federal", "metrics"])
    async with signed_in(region, "engineer") as client:
        csrf = csrf_token((await client.get("/")).text)
        session = next(value for name, value in client.cookies.items() if name.endswith("_region"))
        more = {"authorization": f"Bearer {token}", "x-person-snils": snils}
        asked = await ask_all(client, mark, more, csrf)
        region.web.stop()
    assert faults(written.getvalue()) == asked - UNLOGGED
    assert [one for one in (mark, token, snils, session, csrf) if one in written.getvalue()] == []


async def test_no_log_line_of_a_site_holds_what_was_sent(site_stands: Callable[[str], SiteStand], written: io.StringIO):
    site, mark = site_stands("together"), f"mark{secrets.token_hex(8)}"
    async with site.web.client(Client) as client:
        csrf = csrf_token((await client.get("/sign-in")).text)
        form = {"login": "registrar", "password": PASSWORD, "_csrf_token": csrf}
        await client.post("/sign-in", data=form, follow_redirects=False)
        csrf = csrf_token((await client.get("/patients")).text)
        session = client.cookies[f"trustmed_{site.site.name}"]
        asked = await ask_all(client, mark, {}, csrf)
        site.web.stop()
    assert faults(written.getvalue()) == asked - UNLOGGED
    assert [one for one in (mark, PASSWORD, session, csrf) if one in written.getvalue()] == []
