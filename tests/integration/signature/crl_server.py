"""An emulator of the servers where authorities publish revocation lists. It knows nothing of what it serves."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shelf:
    """What is served at which path; `asked` are the paths that were asked for, with the proxy's form kept."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.address = ""

    def put(self, path: str, content: bytes) -> str:
        """Serve the content; return its address."""
        self.files[path] = content
        return self.address + path


@contextmanager
def serve_lists() -> Generator[Shelf]:
    """Serve while the block runs. Path `/hangs-up` breaks off in the middle."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append(self.path)
            path = "/" + self.path.split("/", 3)[3] if self.path.startswith("http") else self.path
            content = shelf.files.get(path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"") + (path == "/hangs-up")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    shelf.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shelf
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
