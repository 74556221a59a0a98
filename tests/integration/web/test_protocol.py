"""Connections as hostile clients hold them: slow, large, many, or unread."""

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from uvicorn import Server

from tests.waiting import eventually
from trustmed.embedded.ports import free_ports
from trustmed.web.protocol import Limits
from trustmed.web.serving import make_server

SHORT = Limits(head_seconds=1.0, idle_seconds=1.0, body_grace_seconds=1.0, unread_seconds=1.0)
MANY = 50
PATIENCE = 20.0
HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
PAGE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """Answer anything once its body is there, with as many bytes as the address says."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
        return
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    body = b"x" * int(scope["path"].strip("/") or 2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(limits: Limits, servers: list[Server] | None = None) -> Generator[Callable[[bytes], socket.socket]]:
    """Serve `plain`; give a function that connects and sends. The server is added to `servers`."""
    (port,) = free_ports(1)
    server = make_server(plain, f"127.0.0.1:{port}", limits=limits)
    if servers is not None:
        servers.append(server)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        with ExitStack() as stack:

            def connect(sent: bytes) -> socket.socket:
                line = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
                line.sendall(sent)
                return line

            yield connect
    finally:
        server.should_exit = True
        thread.join()


def rest_of(line: socket.socket) -> bytes:
    """Read until the server closes the connection; what was on its way to a client that still sends may be lost."""
    found = b""
    try:
        while piece := line.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def answer_of(line: socket.socket) -> bytes:
    """Read the head of an answer and its body, as long as it says; the connection stays open."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += line.recv(1)
    length = int(found.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while length:
        length -= len(line.recv(length))
    return found


def drip(line: socket.socket, stop: threading.Event) -> None:
    try:
        while not stop.wait(0.2):
            line.sendall(b"a")
    except OSError:
        return


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nx: ", HEAD + b"content-length: 9000\r\n\r\na"], ids=["head", "body"]
)
@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_slow_requests_are_ended_while_others_are_served(sent: bytes, drips: bool):
    with serving(SHORT) as connect:
        lines, stop = [connect(sent) for _ in range(MANY)], threading.Event()
        threads = [threading.Thread(target=drip, args=(line, stop)) for line in lines if drips]
        for thread in threads:
            thread.start()
        assert b" 200 " in answer_of(connect(PAGE))
        assert {rest_of(line)[:13] for line in lines} <= ({b"HTTP/1.1 408 ", b""} if drips else {b"HTTP/1.1 408 "})
        stop.set()
        for thread in threads:
            thread.join()


def test_a_connection_that_says_nothing_is_closed_and_one_kept_alive_is_not():
    with serving(SHORT) as connect:
        kept, silent = connect(PAGE), connect(b"")
        assert b" 200 " in answer_of(kept)
        assert rest_of(silent) == b""
        time.sleep(SHORT.head_seconds)
        kept.sendall(PAGE)
        assert b" 200 " in answer_of(kept)


def test_an_answer_that_nobody_reads_is_given_up():
    servers: list[Server] = []
    with serving(SHORT, servers) as connect:
        line = connect(b"GET /20000000 HTTP/1.1\r\nhost: x\r\n\r\n")
        eventually(lambda: servers[0].server_state.total_requests)
        eventually(lambda: not servers[0].server_state.connections)
        assert len(rest_of(line)) < 20_000_000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 40_000, b"431"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n", b"431"),
        (b"GET /" + b"y" * 40_000 + b" HTTP/1.1\r\n\r\n", b"4"),
        (PAGE * 300, b"4"),
        (HEAD + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"content-length: 4\r\ncontent-length: 5\r\n\r\nabcd", b"400"),
        (HEAD + b"transfer-encoding: xchunked\r\n\r\nabcd", b"400"),
        (HEAD + b"content-length : 4\r\n\r\nabcd", b"400"),
        (HEAD + b"content-length: +4\r\n\r\nabcd", b"400"),
        (HEAD + b"x: a\n b\r\ncontent-length: 0\r\n\r\n", b"400"),
    ],
    ids=[
        *("endless header", "large header", "many headers", "long address", "many at once", "two framings"),
        *("two lengths", "odd framing", "space before colon", "signed length", "bare line feed"),
    ],
)
def test_what_is_too_large_or_ambiguous_is_refused_and_the_connection_closed(sent: bytes, status: bytes):
    with serving(Limits()) as connect:
        line = connect(b"")
        try:
            line.sendall(sent)
            found = rest_of(line)
        except ConnectionError:
            return  # closed so early that the refusal is lost on the way
        assert b"HTTP/1.1 " + status in found
        assert found.count(b"HTTP/1.1 ") <= Limits().pipelined + 2


def test_connections_of_one_address_are_limited_and_room_is_made_again():
    with serving(Limits(of_one_address=3)) as connect:
        first, *_ = lines = [connect(PAGE) for _ in range(3)]
        assert all(b" 200 " in answer_of(line) for line in lines)
        assert rest_of(connect(b"")).startswith(b"HTTP/1.1 503 ")
        first.close()
        eventually(lambda: b" 200 " in connect_once(connect))


def connect_once(connect: Callable[[bytes], socket.socket]) -> bytes:
    try:
        with connect(PAGE) as line:
            return line.recv(20)
    except ConnectionError:
        return b""


def test_connections_of_everybody_together_are_limited():
    with serving(Limits(connections=2)) as connect:
        assert all(b" 200 " in answer_of(connect(PAGE)) for _ in range(2))
        assert rest_of(connect(b"")).startswith(b"HTTP/1.1 503 ")
