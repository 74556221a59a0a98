"""Serve an application of the project on a real socket, and open browser pages on it."""

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from litestar import Litestar
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize, expect

from tests.factor import codes
from trustmed.embedded.ports import free_ports
from trustmed.web.serving import make_server

DESK: ViewportSize = {"width": 1280, "height": 900}


@contextmanager
def serve_app(app: Litestar) -> Generator[str]:
    """Serve the application while the block runs; give its address."""
    (port,) = free_ports(1)
    server = make_server(app, f"127.0.0.1:{port}")
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def breaks_policy(said: ConsoleMessage) -> bool:
    return "Content Security Policy" in said.text


class Tab(NamedTuple):
    """The settings that a page cannot change once it is open."""

    browser: Browser
    address: str
    locale: str


_spare: dict[Tab, list[Page]] = {}
_signed_in: dict[tuple[str, str], list[Any]] = {}


@contextmanager
def watched_page(
    browser: Browser,
    address: str,
    language: str | None = None,
    *,
    viewport: ViewportSize = DESK,
    locale: str = "ru-RU",
    is_complaint: Callable[[ConsoleMessage], bool] = breaks_policy,
) -> Generator[Page]:
    """Give a page that remembers nothing; script errors and complaints of the console fail the test.

    A new page costs seconds of processor time, so one that another test left is emptied and used again.
    """
    spare = _spare.setdefault(Tab(browser, address, locale), [])
    page = spare.pop() if spare else browser.new_context(base_url=address, locale=locale).new_page()
    page.set_viewport_size(viewport)
    if language:
        page.context.add_cookies([{"name": "trustmed_language", "value": language, "url": address}])
    complaints: list[str] = []

    def note_error(error: Any) -> None:
        complaints.append(str(error))

    def note_console(said: ConsoleMessage) -> None:
        complaints.extend([said.text] if is_complaint(said) else [])

    page.on("pageerror", note_error)
    page.on("console", note_console)
    try:
        yield page
    finally:
        page.remove_listener("pageerror", note_error)
        page.remove_listener("console", note_console)
        for other in page.context.pages:
            if other != page:
                other.close()
        page.context.clear_cookies()
        page.goto("about:blank")
        spare.append(page)
    assert complaints == []


@contextmanager
def signed_in_page(
    browser: Browser, address: str, login: str, password: str, language: str | None = None, **settings: Any
) -> Generator[Page]:
    """Give such a page with a person signed in."""
    with watched_page(browser, address, language, **settings) as page:
        if not _still_signed_in(page, address, login):
            _sign_in(page, login, password)
            kept = [one for one in page.context.cookies() if one.get("name") != "trustmed_language"]
            _signed_in[address, login] = kept
        yield page


def _still_signed_in(page: Page, address: str, login: str) -> bool:
    """Return whether the session of an earlier test still holds; if so, the page shows the person's first page."""
    if (address, login) not in _signed_in:
        return False
    page.context.add_cookies(_signed_in[address, login])
    page.goto("/")
    return urlsplit(page.url).path != "/sign-in"


def _sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("main button").click()
    expect(page).not_to_have_url(re.compile("/sign-in$"))
    offered = codes()
    while urlsplit(page.url).path == "/sign-in/code":
        page.locator("[name=code]").fill(next(offered))
        with page.expect_navigation():
            page.locator("main button").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))


@contextmanager
def answers(page: Page, path: str) -> Generator[list[Response]]:
    """Collect the answers to the page's own requests to `path` while the block runs."""
    found: list[Response] = []

    def note(answer: Response) -> None:
        if urlsplit(answer.url).path == path and answer.request.resource_type in ("xhr", "fetch"):
            found.append(answer)

    page.on("response", note)
    yield found
    page.remove_listener("response", note)


def fits(page: Page) -> bool:
    """Return whether nothing sticks out of the window sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
