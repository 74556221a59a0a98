"""A request whose form is bounded, and of which nothing is remembered once it is answered."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

import litestar
from litestar._kwargs.extractors import create_query_default_dict
from litestar._parsers import parse_cookie_string, parse_query_string, parse_url_encoded_form_data
from litestar.datastructures import FormMultiDict
from litestar.datastructures.url import URL
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, InternalServerException
from litestar.types import Empty
from litestar.utils.scope.state import ScopeState

from trustmed.errors import TrustMedError
from trustmed.web.limits import MOST_FIELDS, TooManyFields

PARSED: Final[tuple[Any, ...]] = (
    *(parse_url_encoded_form_data, parse_query_string, parse_cookie_string, create_query_default_dict),
    *(URL._new, URL.from_components, urlsplit),
)
"""Caches in which Litestar and Python keep the last bodies, addresses and cookies they parsed."""
GONE: Final = "client disconnected prematurely"
TOO_MANY_PARTS: Final = "Request Entity Too Large"
"""What Litestar says in its exceptions where it has no class for the case."""


class HungUp(TrustMedError):
    """The client left before it had sent all of the body; nobody hears the answer."""

    status: ClassVar[int] = 499

    def __init__(self) -> None:
        super().__init__("Соединение закрыто до конца запроса.", "The connection was closed before the request's end.")


class Request(litestar.Request[Any, Any, Any]):
    """Litestar's request, but for the form: it is refused by its number of fields before it is parsed."""

    async def stream(self) -> AsyncGenerator[bytes]:
        try:
            async for piece in super().stream():
                yield piece
        except InternalServerException as error:
            if error.detail == GONE:
                raise HungUp from error
            raise

    async def form(self) -> FormMultiDict:
        """Return the form. Raises TooManyFields, HungUp."""
        state = ScopeState.from_scope(self.scope)
        if state.form is Empty and self.content_type[0] == RequestEncodingType.URL_ENCODED:
            state.form = _parsed_form(await self.body())
        try:
            return await super().form()
        except ClientException as error:
            if error.detail == TOO_MANY_PARTS:
                raise TooManyFields from error
            raise


def forget_what_was_parsed() -> None:
    """Empty the caches of everything that requests have sent; called whenever a request has been answered."""
    for parse in PARSED:
        parse.cache_clear()


def _parsed_form(body: bytes) -> dict[str, Any]:
    """Return the values by name, several as a list, as Litestar keeps them. Raises TooManyFields."""
    if body.count(b"&") >= MOST_FIELDS:
        raise TooManyFields
    values: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True):
        values[name].append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}
