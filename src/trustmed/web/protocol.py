"""How a connection is spoken with: uvicorn's protocol with limits of time, of size and of number.

uvicorn alone waits for ever for the rest of a head or of a body, takes heads of any size, and keeps the certificate of
a TLS client to itself. A protocol class is the place where all three are known. Another server was no way out:
hypercorn and granian have no limit for a body either, and granian hides the certificate too. Nor was a proxy: a clinic
must be safe without one, and one in front (`trusted_proxies`) is as welcome as before.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from trustmed.web.proxies import Network, is_trusted

PEER_CERTIFICATE: Final = "peer_certificate"
"""Where in a request's state the certificate (DER) is that a TLS client has proven to hold."""


class Limits(msgspec.Struct, frozen=True):
    """What one connection may take, and how many there may be.

    `head_seconds`: from the first byte, or from connecting, to the end of a head. `idle_seconds`: of a body, without a
    byte. `body_bytes_a_second`: of a body on the average, after `body_grace_seconds`. `unread_seconds`: an answer that
    the client does not take. `head_bytes`, `headers`, `pipelined`: of requests. `connections`, `of_one_address`: at
    once; trusted proxies are not counted by address. `surplus_bytes`: of a body that was refused, read and thrown away
    so that the client hears the refusal.
    """

    head_seconds: float = 10.0
    idle_seconds: float = 30.0
    body_bytes_a_second: int = 1000
    body_grace_seconds: float = 30.0
    unread_seconds: float = 60.0
    head_bytes: int = 32 * 1024
    headers: int = 100
    pipelined: int = 16
    surplus_bytes: int = 16_000_000
    connections: int = 2000
    of_one_address: int = 500


class Doorkeeper:
    """Counts the open connections of a server."""

    def __init__(self, limits: Limits, trusted_proxies: Sequence[Network] = ()) -> None:
        self.limits = limits
        self._trusted = trusted_proxies
        self._by_address: Counter[str] = Counter()
        self._all = 0

    def let_in(self, address: str) -> bool:
        """Count a connection; return whether there is room for it."""
        self._all += 1
        self._by_address[address] += 1
        if self._all > self.limits.connections:
            return False
        return self._by_address[address] <= self.limits.of_one_address or is_trusted(address, self._trusted)

    def let_out(self, address: str) -> None:
        self._all -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]


def protocol_of(doorkeeper: Doorkeeper) -> Any:
    """Return what makes the protocol of each connection, as uvicorn wants it."""
    return partial(BoundedProtocol, doorkeeper)


class _Refused(Exception):
    """Stops the parser of a request that is refused."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. uvicorn calls it; what is not here is as in uvicorn."""

    def __init__(self, doorkeeper: Doorkeeper, **given: Any) -> None:
        super().__init__(**given)
        self._doorkeeper = doorkeeper
        self._limits = doorkeeper.limits
        self._address: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0
        self._body_bytes = self._surplus = 0
        self._body_seconds = 0.0
        self._last_byte = 0.0
        self._refusal = 400
        self._certificate: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        spoken: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        self._certificate = spoken.getpeercert(binary_form=True) if spoken else None
        if not self._doorkeeper.let_in(self._address):
            self._close_with(503)
            return
        self._timer = self.loop.call_later(self._limits.head_seconds, self._end_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(self._timer)
        self._stop(self._unread)
        if self._address is not None:
            self._doorkeeper.let_out(self._address)
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._last_byte = self.loop.time()
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._timer is None:  # the first bytes of another request on this connection
                self._timer = self.loop.call_later(self._limits.head_seconds, self._end_head)
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self._limits.head_bytes and not self.transport.is_closing():
            self._close_with(431)

    def send_400_response(self, msg: str) -> None:
        self._close_with(self._refusal)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self.scope.setdefault("state", {})[PEER_CERTIFICATE] = self._certificate

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._limits.head_bytes:
            self._refuse(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self._limits.headers:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self._limits.head_bytes:
            self._refuse(431)
        if len(self.pipeline) >= self._limits.pipelined:
            self._refuse(400)
        self._in_head, self._head_bytes = False, 0
        self._body_bytes, self._body_seconds, self._surplus = 0, 0.0, 0
        self._stop(self._timer)
        self._timer = self.loop.call_later(self._tick, self._watch_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)
        if self.cycle.response_complete:
            self._surplus += len(body)
            if self._surplus > self._limits.surplus_bytes:
                self._close_with(None)

    def on_message_complete(self) -> None:
        self._stop(self._timer)
        self._timer = None
        self._in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_unread()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_unread()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop(self._unread)
            self._unread = None

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_unread()

    @property
    def _tick(self) -> float:
        """How often a body that is on its way is looked at."""
        return min(self._limits.idle_seconds, self._limits.body_grace_seconds) / 4

    def _watch_body(self) -> None:
        """End a body that stands still or drips; while the application itself does not read, nobody is to blame."""
        self._timer = self.loop.call_later(self._tick, self._watch_body)
        if self.flow.read_paused:
            self._last_byte = self.loop.time()
            return
        self._body_seconds += self._tick
        beyond = self._body_seconds - self._limits.body_grace_seconds
        is_idle = self.loop.time() - self._last_byte > self._limits.idle_seconds
        if is_idle or self._body_bytes < beyond * self._limits.body_bytes_a_second:
            self._close_with(408)

    def _end_head(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # the client is only early with the next one
            self._timer = self.loop.call_later(self._limits.head_seconds, self._end_head)
        else:
            self._close_with(408 if self._head_bytes else None)

    def _watch_unread(self) -> None:
        """Cut the connection once the client takes nothing of what is written for a time."""
        if self._unread is None:
            self._unread = self.loop.call_later(
                self._limits.unread_seconds, self._look_at_unread, self.transport.get_write_buffer_size()
            )

    def _look_at_unread(self, before: int) -> None:
        self._unread = None
        if self.transport.get_write_buffer_size() < before:
            self._watch_unread()
        else:
            self.transport.abort()

    def _refuse(self, status: int) -> None:
        self._refusal = status
        raise _Refused

    def _close_with(self, status: int | None) -> None:
        """Close the connection, with an answer if none has begun."""
        self._stop(self._timer)
        self._timer = None
        if self.transport.is_closing():
            return
        is_answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if status is not None and not is_answering:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
        self._watch_unread()

    def _stop(self, timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
