"""The outermost layer of an application: request number, language, log line, counters, security headers."""

import re
import time
import uuid
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

import structlog
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Histogram

from trustmed.web import i18n

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


class Edge:
    """Wraps the whole application. Its log lines name the route, never the URL, which may hold a patient's data."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
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
        number = _number(headers.get("x-request-id"))
        scope["state"]["request_id"] = number
        i18n.current.set(i18n.choose(_cookie(headers), None, headers.get("accept-language")))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)
        began, status = time.perf_counter(), 500
        # Litestar answers HEAD only where a route asks for it; here every GET answers it, without the body.
        is_head = scope["method"] == "HEAD"
        inner: Any = {**scope, "method": "GET"} if is_head else scope

        async def send_protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _protect(message, number, is_static=scope["path"].startswith("/static/"))
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            await self._app(inner, receive, send_protected)
        finally:
            self._note(scope["method"], inner, status, time.perf_counter() - began)

    def _note(self, method: str, scope: Any, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "none"  # Litestar sets it when it has found the route
        self._seconds.labels(method, route, str(status)).observe(seconds)
        if route not in ("/health", "/metrics") and not route.startswith("/static"):
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


def _cookie(headers: Headers) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(i18n.COOKIE)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def _protect(message: Any, number: str, *, is_static: bool) -> None:
    headers = MutableScopeHeaders.from_message(message)
    if is_static:
        headers.setdefault("cache-control", "public, max-age=3600")
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = number
