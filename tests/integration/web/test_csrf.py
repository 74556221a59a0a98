"""A form is taken only from a page of the very session that sends it."""

import re

from tests.fix_site import PASSWORD, Client, SiteStand
from trustmed.web.csrf import HEADER


async def token_of(client: Client, path: str) -> str:
    found = re.search(r'name="_csrf_token" value="(\w+)"', (await client.get(path)).text)
    assert found
    return found[1]


async def sign_in(client: Client, login: str) -> None:
    """Sign in by the page, as a browser does."""
    form = {"login": login, "password": PASSWORD, "_csrf_token": await token_of(client, "/sign-in")}
    assert (await client.post("/sign-in", data=form, follow_redirects=False)).status_code == 303


async def leave(client: Client, token: str, **headers: str) -> int:
    answer = await client.post("/sign-out", data={"_csrf_token": token}, headers=headers, follow_redirects=False)
    return answer.status_code


async def test_a_token_of_another_session_is_refused(site: SiteStand, client: Client):
    async with site.web.client(Client) as other:
        await sign_in(client, "doctor")
        await sign_in(other, "doctor")
        theirs, own = await token_of(other, "/patients"), await token_of(client, "/patients")
        other_cookie = dict(other.cookies)
        assert await leave(client, theirs) == 403
        client.cookies.set(f"trustmed_{site.site.name}_csrf", other_cookie[f"trustmed_{site.site.name}_csrf"])
        assert await leave(client, theirs) == 403
        assert await leave(client, own) == 303


async def test_a_token_from_before_signing_in_is_worth_nothing_after_it(client: Client):
    before = await token_of(client, "/sign-in")
    await sign_in(client, "doctor")
    assert await leave(client, before) == 403


async def test_no_token_and_a_forged_one_are_refused(client: Client):
    await sign_in(client, "doctor")
    own = await token_of(client, "/patients")
    for forged in ("", "x", own[:-1], own[::-1], own[:16] + "0" * 64, "é" * 80):
        assert await leave(client, forged) == 403, forged
    assert (await client.post("/sign-out", json={"_csrf_token": own})).status_code == 403
    assert await leave(client, own) == 303


async def test_a_token_is_taken_from_the_header_too_and_differs_on_every_page(client: Client):
    await sign_in(client, "doctor")
    first, second = await token_of(client, "/patients"), await token_of(client, "/patients")
    assert first != second
    assert await leave(client, "", **{HEADER: first}) == 303


async def test_a_stranger_without_the_cookie_cannot_sign_anybody_in(client: Client):
    form = {"login": "doctor", "password": PASSWORD, "_csrf_token": await token_of(client, "/sign-in")}
    client.cookies.clear()
    assert (await client.post("/sign-in", data=form)).status_code == 403


async def test_the_language_switches_for_strangers_and_the_signed_in(client: Client):
    for _ in range(2):
        page = await client.get("/language/en?back=/sign-in")
        assert "Sign in" in page.text
        await client.get("/language/ru?back=/sign-in")
        await sign_in(client, "doctor")
