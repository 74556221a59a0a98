"""An application of the project behind a real socket, for a browser."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, Page

from trustmed.embedded.ports import free_ports


@contextmanager
def served(app: Litestar) -> Generator[str]:
    """Where the application is served while the block runs."""
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def watched_page(browser: Browser, address: str, language: str | None = None, **settings: Any) -> Generator[Page]:
    """A page in a window of its own; script errors and breaches of the content policy fail the test."""
    settings = {"viewport": {"width": 1280, "height": 900}, "locale": "ru-RU", **settings}
    context = browser.new_context(base_url=address, **settings)
    if language:
        context.add_cookies([{"name": "trustmed_language", "value": language, "url": address}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert complaints == []


@contextmanager
def signed_in(
    browser: Browser, address: str, login: str, password: str, language: str | None = None, **settings: Any
) -> Generator[Page]:
    """The same, of a signed-in person."""
    with watched_page(browser, address, language, **settings) as page:
        page.goto("/sign-in")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(password)
        page.locator("main button").click()
        yield page


def fits(page: Page) -> bool:
    """Whether nothing sticks out of the window sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
