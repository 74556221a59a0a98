"""Style sheets, scripts and pictures: kept in memory, compressed once, cached by browsers for a year.

A page asks for `/static/<fingerprint>/app.css`: a changed file has another address. The plain address still answers,
for an hour. Only names that the folder has are looked up, so no path leads out of it. Pages themselves are not
compressed: they show what was asked beside what is secret, and a length would tell one from the other (BREACH).
"""

import gzip
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment
from jinja2.ext import Extension
from litestar import asgi
from litestar.datastructures import Headers
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types import Receive, Scope, Send

FOLDER: Final = Path(str(files(__package__ or __name__) / "static"))
ROOT: Final = "/static/"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FINGERPRINT_DIGITS: Final = 16
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
FOR_AN_HOUR: Final = "public, max-age=3600"
NAMED: Final = re.compile(r'(?<=["\'])/static/([\w./-]+)(?=["\'])')


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent; `zipped` is None where compression gains nothing."""

    fingerprint: str
    media_type: str
    content: bytes
    zipped: bytes | None


class Fingerprints(Extension):
    """Lets templates say "/static/app.css" and pages say the address with the fingerprint."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return NAMED.sub(lambda found: address_of(found[1]), source)


@cache
def names() -> frozenset[str]:
    """Return the names of all files, as addresses write them."""
    return frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in TYPES)


def address_of(name: str) -> str:
    """Return the address that changes whenever the file does; of an unknown file, the plain one."""
    return f"{ROOT}{read_asset(name).fingerprint}/{name}" if name in names() else ROOT + name


@cache
def read_asset(name: str) -> Asset:
    """Read one of `names` and compress it."""
    content = (FOLDER / name).read_bytes()
    zipped = gzip.compress(content, mtime=0)
    smaller = zipped if len(zipped) < len(content) else None
    return Asset(sha256(content).hexdigest()[:FINGERPRINT_DIGITS], TYPES[Path(name).suffix], content, smaller)


@asgi("/static", is_mount=True, opt={"exclude_from_csrf": True, "machine_only": True}, copy_scope=True)
async def static_files(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a file by its name, with or without a fingerprint before it."""
    if scope.get("method") != "GET":
        raise MethodNotAllowedException
    path = scope["path"].strip("/")
    given, _, rest = path.partition("/")
    name = path if path in names() else rest
    if name not in names():
        raise NotFoundException
    asset = read_asset(name)
    await _send(asset, Headers.from_scope(scope), send, is_exact=given == asset.fingerprint)


async def _send(asset: Asset, asked: Headers, send: Send, *, is_exact: bool) -> None:
    tag = f'"{asset.fingerprint}"'
    is_known = tag in asked.get("if-none-match", "")
    zipped = asset.zipped if "gzip" in asked.get("accept-encoding", "") else None
    body = b"" if is_known else zipped or asset.content
    headers = {
        "content-type": asset.media_type,
        "cache-control": FOR_A_YEAR if is_exact else FOR_AN_HOUR,
        "etag": tag,
        "vary": "accept-encoding",
        **({} if is_known else {"content-length": str(len(body))}),
        **({"content-encoding": "gzip"} if zipped and not is_known else {}),
    }
    start: Any = {
        "type": "http.response.start",
        "status": 304 if is_known else 200,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await send(start)
    rest: Any = {"type": "http.response.body", "body": body, "more_body": False}
    await send(rest)
