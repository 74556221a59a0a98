"""Assets: found by their names alone, compressed, cached for as long as they do not change."""

import gzip
import re

from litestar import Litestar

from tests.asking import ask
from trustmed.web.assets import FOR_A_YEAR, address_of, names, read_asset


async def test_no_name_leads_elsewhere_or_breaks_the_server(app: Litestar):
    for name in ("\0", "../app.py", "..\\app.py", "no.css", "", "vendor", "x" * 300, "vendor/../../app.py", "a\nb"):
        assert (await ask(app, "GET", f"/static/{name}")).status == 404, name
    assert (await ask(app, "POST", "/static/app.css")).status == 405


async def test_an_asset_is_compressed_and_cached_for_a_year_by_its_fingerprint(app: Litestar):
    for name in sorted(names()):
        exact = await ask(app, "GET", address_of(name), [("accept-encoding", "gzip")])
        assert exact.headers["cache-control"] == FOR_A_YEAR
        sent = gzip.decompress(exact.body) if "content-encoding" in exact.headers else exact.body
        assert sent == read_asset(name).content
        plain = await ask(app, "GET", f"/static/{name}")
        assert (plain.body, plain.headers["cache-control"]) == (read_asset(name).content, "public, max-age=3600")
        assert plain.headers["content-length"] == str(len(plain.body))


async def test_an_asset_under_an_old_fingerprint_still_answers_but_is_not_kept(app: Litestar):
    old = await ask(app, "GET", "/static/0123456789abcdef/app.css")
    assert (old.status, old.headers["cache-control"]) == (200, "public, max-age=3600")


async def test_a_known_asset_is_not_sent_again(app: Litestar):
    first = await ask(app, "GET", "/static/app.css")
    again = await ask(app, "GET", "/static/app.css", [("if-none-match", first.headers["etag"])])
    assert (again.status, again.body) == (304, b"")


async def test_pages_name_assets_by_their_fingerprints_and_are_not_compressed(app: Litestar):
    page = await ask(app, "GET", "/sign-in", [("accept-encoding", "gzip, br")])
    assert "content-encoding" not in page.headers
    named = re.findall(r'"(/static/[^"]+)"', page.body.decode())
    assert address_of("app.css") in named
    assert all(re.match(r"/static/[0-9a-f]{16}/", one) for one in named)


async def test_https_is_remembered_by_browsers_and_marks_cookies(app: Litestar):
    plain, secure = await ask(app, "GET", "/sign-in"), await ask(app, "GET", "/sign-in", scheme="https")
    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "Secure" not in plain.headers["set-cookie"]
    assert "Secure" in secure.headers["set-cookie"]
    language = await ask(app, "GET", "/language/en", scheme="https")
    assert "Secure" in language.headers["set-cookie"]
