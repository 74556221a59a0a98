"""Keep what is typed into a search out of addresses: they hold it sealed, for the session that typed it alone.

A search is posted and answered by a redirect to the page with `?search=<token>`, so that reloading, paging, going back
and switching the language work. A search while typing gets its fragment at once and changes no address.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.sealing import seal, sealing_key, unseal

AnyRequest = Request[Any, Any, Any]

SECONDS: Final = 8 * 3600
LONGEST: Final = 300  # characters of a field; the rest is ignored
MOST_FIELDS: Final = 40
UNSEALED: Final = frozenset({"_csrf_token"})


class SearchClosed(InputRefused):
    """The address has a search that is too old or of another session."""

    def __init__(self) -> None:
        super().__init__(
            "Этот поиск больше не открыть: он устарел или сделан в другом сеансе. Введите ещё раз, что ищете.",
            "This search cannot be opened any more: it is too old or was made in another session. Type it again.",
        )


class Search(msgspec.Struct, frozen=True):
    """What was typed into a search form. `refusal`: why the search in the address cannot be opened."""

    fields: tuple[tuple[str, str], ...] = ()
    refusal: SearchClosed | None = None

    def get(self, name: str) -> str:
        """Return what was typed into a field, "" if nothing was."""
        return next((value for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        """Return all values of a field."""
        return [value for field, value in self.fields if field == name]

    def given(self) -> dict[str, str]:
        """Return the fields, each with its first value."""
        return dict(reversed(self.fields))


NOTHING_TYPED: Final = Search()
Show = Callable[[AnyRequest, Search], Awaitable[Response[Any]]]


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    until: int
    fields: tuple[tuple[str, str], ...]


def search_key(secret: str) -> bytes:
    """Return the key for `app.state.search_key`, made of the deployment's secret."""
    return sealing_key("search", secret)


def search_in_address(request: AnyRequest, path: str) -> Search:
    """Return the search sealed in the address of the page at `path`; an empty one if there is none."""
    token = request.query_params.get("search", "")
    if not token:
        return NOTHING_TYPED
    fields = _open(request, path, token)
    return Search(refusal=SearchClosed()) if fields is None else Search(fields)


def search_address(request: AnyRequest, path: str, search: Search, **more: str) -> str:
    """Return the address of the page at `path` with the search sealed; `more`: parameters that anybody may read."""
    told = {"search": _seal(request, path, search.fields) if search.fields else "", **more}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{path}?{query}" if query else path


async def answer_search(request: AnyRequest, path: str, show: Show | None = None) -> Response[Any]:
    """Answer a posted search with the way to the page at `path`; while it is being typed, with what `show` shows."""
    form = await request.form()
    typed = [(name, tidy(value)[:LONGEST]) for name, value in form.multi_items() if isinstance(value, str)]
    search = Search(tuple((name, value) for name, value in typed if value and name not in UNSEALED)[:MOST_FIELDS])
    if show is not None and request.headers.get("hx-request-type") == "partial":
        return await show(request, search)
    return Redirect(search_address(request, path, search), status_code=303)


def _seal(request: AnyRequest, path: str, fields: tuple[tuple[str, str], ...]) -> str:
    content = msgspec.msgpack.encode(_Sealed(int(time.time()) + SECONDS, fields))
    sealed = seal(request.app.state.search_key, content, _bound_to(request, path))
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _open(request: AnyRequest, path: str, token: str) -> tuple[tuple[str, str], ...] | None:
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    content = unseal(request.app.state.search_key, sealed, _bound_to(request, path))
    if content is None:
        return None
    opened = msgspec.msgpack.decode(content, type=_Sealed)
    return opened.fields if opened.until >= time.time() else None


def _bound_to(request: AnyRequest, path: str) -> bytes:
    """Return what a token is of: one session and one page."""
    return sha256(str(request.scope.get("auth") or "").encode()).digest() + path.encode()
