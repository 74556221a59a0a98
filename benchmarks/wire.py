"""A cheap load generator: HTTP/1.1 over open connections. A full client would take a core from the server."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """`first_byte`: seconds from the request to the head of the answer."""

    status: int
    body: bytes
    first_byte: float


MOST_CONNECTIONS = 64


class Wire:
    """Connections to one server, opened as needed, in one event loop. Use it through `wire`."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._head = f"Host: {address}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def post(self, path: str, value: object, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
        """Send a value as JSON."""
        body = msgspec.json.encode(value)
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return await self._ask(f"POST {path} HTTP/1.1\r\n{self._head}{more}{kind}\r\n".encode() + body)

    async def get(self, path: str, headers: dict[str, str]) -> Answer:
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._head}{more}\r\n".encode())

    async def _ask(self, request: bytes) -> Answer:
        async with self._places:
            return await self._send(request)

    async def _send(self, request: bytes) -> Answer:
        pair = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        reader, writer = pair
        try:
            began = time.perf_counter()
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            first_byte = time.perf_counter() - began
            # The servers answer with a length, never in chunks; any other answer ends the run with an IndexError.
            length = int(head.split("\r\ncontent-length:", 1)[1].split("\r\n", 1)[0])
            body = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        self._idle.append(pair)
        return Answer(int(head.split(" ", 2)[1]), body, first_byte)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


@asynccontextmanager
async def wire(address: str, headers: dict[str, str]) -> AsyncGenerator[Wire]:
    """Open a `Wire` and close its connections after the block."""
    made = Wire(address, headers)
    try:
        yield made
    finally:
        made.close()
