"""Just enough of a web server for the demo's provider and portal: pages, forms, redirects, cookies."""

from collections.abc import Callable, Mapping
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

LONGEST_FORM = 64 * 1024  # bytes

STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; background: #f3f5f8; color: #1c2733 }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
header { background: #0d4cd3; color: #fff; padding: .8rem 1rem } header.provider { background: #14532d }
header b { display: block; max-width: 46rem; margin: 0 auto }
.card { background: #fff; border: 1px solid #d8dee7; border-radius: 10px; padding: 1rem 1.2rem; margin: 1rem 0 }
.card ul { list-style: none; margin: 0; padding: 0 } .card li + li { border-top: 1px solid #e6eaf0 }
button, .button { font: inherit; border: 0; border-radius: 8px; background: #0d4cd3; color: #fff; padding: .5rem 1rem;
  cursor: pointer; text-decoration: none; display: inline-block }
button.row { background: none; color: inherit; width: 100%; text-align: left; padding: .6rem 0 }
button.row:hover b { text-decoration: underline } button.quiet { background: #e6eaf0; color: #1c2733 }
small { color: #5b6774; display: block } a { color: #0d4cd3 } .bad { border-color: #d33; background: #fdf0f0 }
form.inline { display: inline }
input { font: inherit; padding: .45rem .6rem; border: 1px solid #b8c2cf; border-radius: 8px }
"""


class Asked(msgspec.Struct, frozen=True):
    """A request: its path without the query, the query's and the form's fields together, the cookies."""

    method: str
    path: str
    fields: dict[str, str]
    cookies: dict[str, str]


class Told(msgspec.Struct, frozen=True):
    """An answer."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = {}


Serve = Callable[[Asked], Told]


def page(title: str, content: str, *, kind: str = "", status: int = 200) -> Told:
    """Return a page; `content` is HTML already."""
    text = (
        f'<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<header class="{kind}"><b>{escape(title)}</b></header><main>{content}</main></html>'
    )
    return Told(text.encode(), status, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def redirect(address: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Told:
    target = f"{address}?{urlencode(query)}" if query else address
    return Told(status=303, headers={"Location": target, **(headers or {})})


def serve(listen: str, answer: Serve) -> None:
    """Serve until the process ends."""
    host, _, port = listen.rpartition(":")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > LONGEST_FORM:
                self.send_error(413)
                return
            self._answer(dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"))))

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            cookies = {name: one.value for name, one in SimpleCookie(self.headers.get("Cookie", "")).items()}
            told = answer(Asked(self.command, parts.path, dict(parse_qsl(parts.query)) | form, cookies))
            self.send_response(told.status)
            for name, value in {
                "Content-Type": told.kind,
                "Content-Length": str(len(told.body)),
                **told.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: addresses hold codes."""

    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
