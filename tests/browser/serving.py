"""An application of the project behind a real socket, for a browser."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar

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
