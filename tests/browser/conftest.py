"""A real headless Chromium for every page test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.serving import serve_app
from tests.fix_apps import SharedApp

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

# Not a promise of speed: on a busy machine a page comes late. A test that promises a time states it itself.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[SharedApp], str]]:
    """Serve an application and give its address: one server for a module's tests, unless the stand was disturbed."""
    with ExitStack() as stack:

        @cache
        def start(web: SharedApp, _: int) -> str:
            return stack.enter_context(serve_app(web.make()))

        yield lambda web: start(web, web.disturbances)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder where pictures of pages are left for people to look at."""
    folder = Path(__file__).parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
