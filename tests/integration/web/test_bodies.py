"""Bodies: a stranger's is never read, and each route says how much it takes."""

import json

from litestar import Litestar

from tests.asking import ask
from tests.integration.doors.routes import Route, request_for, routes_of
from trustmed.region.authority import api as authority
from trustmed.web.csrf import check_form
from trustmed.web.limits import FORM_BODY, JSON_BODY, LARGEST_BODY, LONG_FORM_BODY, MOST_FIELDS

FORM = ("content-type", "application/x-www-form-urlencoded")
JSON = ("content-type", "application/json")
FOR_STRANGERS = {
    *(("POST", "/sign-in"), ("POST", "/sign-in/code"), ("POST", "/sign-out")),
    ("POST", "/api/v1/session"),
    *(("POST", "/api/v1/authority/enrol"), ("POST", "/api/v1/authority/renew")),
}
"""What lets one in at these stands in the body itself."""
CERTIFICATES = {path for _, path in FOR_STRANGERS if "authority" in path}
UPLOADS = {
    "/api/v1/documents/{document_id}/sign",
    "/api/v1/documents/upload",
    "/drafts/{draft_id}/sign",
    "/nsi/{oid}/draft/file",
}
PROSE = {"/drafts/{draft_id}"}


async def test_the_body_of_a_stranger_is_not_read(app: Litestar):
    read = []
    async with app.lifespan():
        for route in routes_of(app):
            kind, path = JSON if route.path.startswith(("/api/", "/portal/")) else FORM, request_for(route, "word").path
            answer = await ask(app, route.method, path, [kind, ("content-length", "10")], b"{}")
            if answer.reads and (route.method, route.path) not in FOR_STRANGERS:
                read.append((route.method, route.path, answer.status))
    assert read == []


async def test_every_route_states_how_much_it_takes_and_only_uploads_take_much(app: Litestar):
    taken = {route.name: route.handler.resolve_request_max_body_size() for route in _changing(app)}
    assert taken == {route.name: _limit(route) for route in _changing(app)}


async def test_every_form_is_asked_for_its_token(app: Litestar):
    unchecked = [route for route in _changing(app) if check_form is not route.handler.resolve_before_request()]
    assert unchecked == []


async def test_a_body_over_the_limit_is_not_read_and_the_answer_says_how_much_is_taken(app: Litestar):
    for path, kind, most in (("/sign-in", FORM, FORM_BODY), ("/api/v1/session", JSON, JSON_BODY)):
        headers = [kind, ("content-length", str(most + 1)), ("accept-language", "en")]
        answer = await ask(app, "POST", path, headers)
        assert (answer.status, answer.reads) == (413, 0)
        assert f"{most:,}".replace(",", " ") in answer.body.decode()
        unannounced = await ask(app, "POST", path, [kind], b"x" * (most + 1))
        assert unannounced.status == 413


async def test_a_form_of_too_many_fields_is_refused_before_it_is_parsed(app: Litestar):
    fields = "&".join(f"f{number}=1" for number in range(MOST_FIELDS + 1)).encode()
    answer = await ask(app, "POST", "/sign-in", [FORM, ("accept-language", "en")], fields)
    assert (answer.status, "1000 fields" in answer.body.decode()) == (413, True)
    part = b'--b\r\ncontent-disposition: form-data; name="f"\r\n\r\n1\r\n'
    kind = ("content-type", "multipart/form-data; boundary=b")
    parts = await ask(app, "POST", "/sign-in", [kind], part * (MOST_FIELDS + 1) + b"--b--\r\n")
    assert parts.status == 413


async def test_an_address_longer_than_any_of_ours_is_refused(app: Litestar):
    known = app.asgi_router.handle_routing.cache_info().currsize
    for address in ("/" + "x" * 2000, "/sign-in?next=" + "x" * 9000, "/sign-in?" + "&" * 2000):
        assert (await ask(app, "GET", address)).status == 414
    assert app.asgi_router.handle_routing.cache_info().currsize == known


async def test_a_caller_who_hangs_up_amid_the_body_is_no_fault(app: Litestar, capsys):
    for path, kind in (("/sign-in", FORM), ("/api/v1/session", JSON)):
        answer = await ask(app, "POST", path, [kind], json.dumps({"login": "do"})[:5].encode(), hangs_up=True)
        assert answer.status == 499
    said = capsys.readouterr().out
    assert "fault" not in said
    assert "status=500" not in said


def _changing(app: Litestar) -> list[Route]:
    return [route for route in routes_of(app) if route.method not in ("GET", "HEAD")]


def _limit(route: Route) -> int:
    if route.path in UPLOADS:
        return LARGEST_BODY
    if route.path in CERTIFICATES:
        return authority.LARGEST_BODY
    if route.path in PROSE:
        return LONG_FORM_BODY
    return JSON_BODY if route.path.startswith(("/api/", "/portal/")) else FORM_BODY
