"""Nothing that a request brought is remembered once it is answered: neither passwords, nor cookies, nor searches."""

import functools
import gc
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from httpx import AsyncClient
from litestar import Litestar

from tests.asking import ask
from tests.fix_region import RegionStand, signed_in
from tests.fix_site import PASSWORD, Client
from trustmed.web.request import PARSED

DEPTH = 6


async def test_no_cache_holds_what_a_request_to_the_site_brought(doctor: Client):
    wrong, searched, cookie = (secrets.token_hex(12) for _ in range(3))
    doctor.cookies.set("other", cookie)
    await _try_to_sign_in(doctor, wrong)
    await doctor.post("/api/v1/session", json={"login": "head", "password": wrong})
    assert (await doctor.get("/patients", params={"q": searched})).status_code == 200
    assert (await doctor.get("/nsi", params={"q": searched})).status_code in (200, 404)
    await doctor.get(f"/language/en?back=/patients?q={searched}")
    await _assert_forgotten(doctor, wrong, searched, cookie, PASSWORD)


async def test_no_cache_holds_what_a_request_to_the_region_brought(region: RegionStand):
    async with signed_in(region, "steward") as steward:
        wrong, searched = secrets.token_hex(12), secrets.token_hex(12)
        await _try_to_sign_in(steward, wrong)
        assert (await steward.get("/persons", params={"surname": searched})).status_code in (200, 422)
        await _assert_forgotten(steward, wrong, searched, PASSWORD)


async def test_python_does_not_remember_the_addresses_either(app: Litestar):
    assert (await ask(app, "GET", "/sign-in?next=/patients?q=somebody")).status == 200
    assert PARSED[-1].cache_info().currsize == 0


async def _try_to_sign_in(client: AsyncClient, wrong: str) -> None:
    page = await client.get("/sign-in", params={"next": f"/x?y={wrong}"})
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"login": "nobody", "password": wrong, "_csrf_token": token}
    assert (await client.post("/sign-in", data=form)).status_code == 401


async def _assert_forgotten(client: AsyncClient, *sent: str) -> None:
    await client.get("/language/ru", follow_redirects=False)  # the last request's own end may still be running
    own = [cache for cache in PARSED if cache is not urlsplit]  # that one the test's client fills
    assert [cache.cache_info().currsize for cache in own] == [0] * len(own)
    caches = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper) and one is not urlsplit]
    assert caches
    holding = [cache for cache in caches for text in _texts(cache, DEPTH) if any(one in text for one in sent)]
    assert holding == []


def _texts(thing: Any, depth: int) -> Iterator[str]:
    """Return the texts that a cache's keys and values hold."""
    for one in gc.get_referents(thing) if depth else ():
        if isinstance(one, str):
            yield one
        elif isinstance(one, bytes):
            yield one.decode("latin-1")
        elif isinstance(one, dict | list | tuple):
            yield from _texts(one, depth - 1)
