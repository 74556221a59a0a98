"""The outermost layer of an application: request number, language, log line, counters, security headers."""

import re
import time
import uuid
from collections.abc import Sequence
from typing import Any, Final

import structlog
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Histogram

from trustmed.web import i18n
from trustmed.web.limits import is_address_too_long
from trustmed.web.proxies import Network, look_behind
from trustmed.web.request import forget_what_was_parsed

log = structlog.get_logger()
GIVEN_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

CONTENT_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
HEADERS: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "no-store",
}
TRANSPORT: Final = "max-age=31536000; includeSubDomains"
"""Sent only over https: for a year the browser opens this host, and those below it, by nothing else."""


class Edge:
    """Wraps the whole application. Its log lines name the route, never the URL, which may hold a patient's data."""

    def __init__(
        self,
        app: ASGIApp,
        registry: CollectorRegistry,
        *,
        trusted_proxies: Sequence[Network] = (),
        https: bool = False,
    ) -> None:
        self._app = app
        self._trusted = trusted_proxies
        self._https = https
        self._seconds = Histogram(
            "trustmed_request_seconds",
            "Time to answer a request",
            ("method", "route", "status"),
            registry=registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        look_behind(scope, headers, self._trusted)
        number = _number(headers.get("x-request-id"))
        scope["state"]["request_id"] = number
        i18n.current.set(i18n.choose(_language(headers), None, headers.get("accept-language")))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)
        began, status = time.perf_counter(), 500
        # Litestar answers HEAD only where a route asks for it; here every GET answers it, without the body.
        is_head = scope["method"] == "HEAD"
        inner: Any = {**scope, "method": "GET"} if is_head else scope
        is_static = scope["path"].startswith("/static/")
        is_https = self._https or scope["scheme"] == "https"

        async def send_protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _protect(message, number, is_https=is_https)
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            if is_address_too_long(scope["path"], scope["query_string"]):
                await _refuse_address(send_protected)
            else:
                await self._app(inner, receive, send_protected)
        finally:
            forget_what_was_parsed()
            self._note(scope["method"], inner, is_static, status, time.perf_counter() - began)

    def _note(self, method: str, scope: Any, is_static: bool, status: int, seconds: float) -> None:
        # Litestar sets the template when it has found the route, but not of files.
        route = "/static" if is_static else scope.get("path_template") or "none"
        self._seconds.labels(method, route, str(status)).observe(seconds)
        if route not in ("/health", "/ready", "/metrics", "/static"):
            account = getattr(scope.get("user"), "account_id", None)
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                account=str(account) if account else None,
            )


def _number(given: str | None) -> str:
    return given if given and GIVEN_NUMBER.fullmatch(given) else uuid.uuid4().hex


def _language(headers: Headers) -> str | None:
    """Return the language of the cookie, found without parsing the others."""
    _, found, rest = headers.get("cookie", "").partition(f"{i18n.COOKIE}=")
    return rest[:2] if found else None


async def _refuse_address(send: Send) -> None:
    """Answer an address that is too long to be one of ours, before anything remembers it."""
    text = i18n.by_language(
        "Адрес слишком длинный. Начните с главной страницы.", "The address is too long. Begin with the home page."
    )
    start: Any = {
        "type": "http.response.start",
        "status": 414,
        "headers": [(b"content-type", b"text/plain; charset=utf-8")],
    }
    await send(start)
    body: Any = {"type": "http.response.body", "body": text.encode(), "more_body": False}
    await send(body)


def _protect(message: Any, number: str, *, is_https: bool) -> None:
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if is_https:
        headers["strict-transport-security"] = TRANSPORT
    headers["x-request-id"] = number
