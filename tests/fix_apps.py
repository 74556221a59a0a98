"""Web applications that the tests of a module share: making one takes longer than most tests do."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import TypeVar

import pytest
from anyio.from_thread import BlockingPortal
from litestar import Litestar
from litestar.testing import AsyncTestClient, TestClient

ClientT = TypeVar("ClientT", bound=AsyncTestClient)

_running: list["SharedApp"] = []


class SharedApp:
    """An application that starts when a client first needs it and runs, in a thread, to the end of the module.

    `renew` makes it forget earlier callers before every new client.
    """

    def __init__(self, make: Callable[[], Litestar], renew: Callable[[Litestar], None]) -> None:
        self.make = make
        self._renew = renew
        self._app: Litestar | None = None
        self._running = ExitStack()
        self._portal: BlockingPortal
        self._clients = 0
        self.disturbances = 0
        self._disturbances_seen = 0

    @asynccontextmanager
    async def client(self, kind: type[ClientT]) -> AsyncGenerator[ClientT]:
        """Open a client that is not signed in."""
        if self.disturbances > self._disturbances_seen and not self._clients:
            self.stop()
        app = self._app or self._start()
        self._renew(app)
        opened = kind(app)
        opened.blocking_portal = self._portal
        self._clients += 1
        try:
            yield opened
        finally:
            self._clients -= 1

    def disturb(self) -> None:
        """Note that its servers were stopped: the next test gets a fresh application that has not seen it."""
        self.disturbances += 1

    def stop(self) -> None:
        self._running.close()
        self._app = None

    def _start(self) -> Litestar:
        app, self._disturbances_seen = self.make(), self.disturbances
        self._portal = self._running.enter_context(TestClient(app)).blocking_portal
        self._app = app
        _running.append(self)
        return app


@pytest.fixture(scope="module", autouse=True)
def _stop_apps_after_the_module() -> Iterator[None]:
    yield
    while _running:
        _running.pop().stop()
