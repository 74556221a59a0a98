"""An emulator of the federal service: it answers from versions that a test adds and fails as the test orders."""

import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.nsi_samples import Row, page
from trustmed.region.nsi.order import version_order

KEY = "6f0e1c0a-secret-of-the-tests"
Fault = Callable[[BaseHTTPRequestHandler, bytes], None]


class Request(NamedTuple):
    """`what` is passport or data; only data come in pages."""

    what: str
    identifier: str
    version: str | None
    page: int | None


class Emulator:
    """`versions`: OID -> version -> (passport, rows). Each request uses up one of `faults`.
    `requests` lists the requests received, in order.
    """

    def __init__(self) -> None:
        self.versions: dict[str, dict[str, tuple[dict[str, Any], list[Row]]]] = {}
        self.faults: deque[Fault | None] = deque()
        self.requests: list[Request] = []
        self.address = ""

    def add(self, passport: dict[str, Any], rows: list[Row]) -> None:
        for code in passport["codes"]:
            self.versions.setdefault(code["value"], {})[passport["version"]] = (passport, rows)

    def answer(self, what: str, query: dict[str, str]) -> dict[str, Any]:
        """Record the request; return the answer of the service."""
        number = int(query["page"]) if "page" in query else None
        self.requests.append(Request(what, query.get("identifier", ""), query.get("version"), number))
        if query.get("userKey") != KEY:
            return {
                "result": "ERROR",
                "resultText": "Пользователь с этим ключом не найден",
                "resultCode": "01x0002",
            }
        by_version = self.versions.get(query.get("identifier", ""))
        version = query.get("version") or max(by_version or (), key=version_order, default="")
        if not by_version or version not in by_version:
            return {"result": "ERROR", "resultText": "Справочник не найден", "resultCode": "01x0003"}
        passport, rows = by_version[version]
        if what == "passport":
            return passport
        size, start = int(query["size"]), (int(query["page"]) - 1) * int(query["size"])
        return page(rows[start : start + size], len(rows), resultText=None, resultCode=None)


def answer_status(code: int) -> Fault:
    def fault(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        send(handler, b"<html>error</html>", code)

    return fault


def answer_body(content: bytes) -> Fault:
    return lambda handler, whole: send(handler, content)


def break_off(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send fewer bytes than promised, as when the line breaks."""
    send(handler, content[: len(content) // 2], length=len(content))
    handler.close_connection = True


def cut_body(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send half of the body as if it were all, as a broken proxy does."""
    send(handler, content[: len(content) // 2])


def hang_up(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.close_connection = True


def send(handler: BaseHTTPRequestHandler, content: bytes, code: int = 200, length: int | None = None) -> None:
    handler.send_response(code)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def run_emulator(certificate: Path | None = None) -> Generator[Emulator]:
    """Serve while the block runs, over TLS if there is a `certificate` (key and certificate in PEM)."""
    emulator = Emulator()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            what = parts.path.removeprefix("/port/rest/")
            content = json.dumps(emulator.answer(what, query), ensure_ascii=False).encode()
            fault = emulator.faults.popleft() if emulator.faults else None
            if fault is None:
                send(self, content)
            else:
                fault(self, content)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    emulator.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield emulator
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
