"""What programs get for an error: problem+json (RFC 9457), and its description in the interfaces' OpenAPI documents."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar.openapi.datastructures import ResponseSpec

MEDIA_TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True):
    """An error. `code` is for programs, `detail` for people, in the request's language; engineers ask for `request_id`.

    `findings`: what official rules found in a document.
    """

    title: str
    status: int
    code: str
    detail: str
    request_id: str | None
    type: str = "about:blank"
    findings: list[Any] | msgspec.UnsetType = msgspec.UNSET


MEANINGS: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "Not signed in, or the token is not valid",
    403: "Not permitted to this account or client",
    404: "There is no such thing, or it belongs to somebody else",
    405: "The address has no such method; Allow lists those it has",
    409: "Not possible in the present state",
    413: "The body is larger than this address takes",
    422: "A value is wrong; the detail says which",
    429: "Too often; Retry-After says when to come again",
    500: "A fault of the system; the log has it under request_id",
    503: "A part is not available now; Retry-After says when to come again",
}

RESPONSES: Final = {
    status: ResponseSpec(Problem, description=meaning, generate_examples=False, media_type=MEDIA_TYPE)
    for status, meaning in MEANINGS.items()
}
"""Every operation may answer so."""
