"""The clinic's line: it relays, a file cuts it, and it comes back."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from trustmed.demo.line import relay
from trustmed.embedded.ports import free_ports


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
        await writer.drain()
    writer.close()


async def call(port: int) -> bytes:
    """Send one word and return what comes back; empty if the line is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"word")
        return await reader.read(100)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_file_cuts_the_line_and_its_removal_restores_it(tmp_path: Path) -> None:
    far, near = free_ports(2)
    mark = tmp_path / "cut"
    server = await asyncio.start_server(echo, "127.0.0.1", far)
    line = asyncio.create_task(relay(f"127.0.0.1:{near}", f"127.0.0.1:{far}", mark))
    await asyncio.sleep(0.1)
    assert await call(near) == b"word"

    reader, writer = await asyncio.open_connection("127.0.0.1", near)
    mark.touch()
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(1), 2) == b""
    writer.close()
    assert await call(near) == b""

    mark.unlink()
    assert await call(near) == b"word"
    line.cancel()
    with pytest.raises(asyncio.CancelledError):
        await line
    server.close()
