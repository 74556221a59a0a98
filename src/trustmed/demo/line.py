"""A clinic's line to the region, as a TCP relay that can be cut.

`python -m trustmed.demo.line LISTEN TARGET CUT_FILE` relays until CUT_FILE appears, then drops every connection and
accepts none until the file is gone.
"""

import asyncio
import sys
from pathlib import Path

POLL_SECONDS = 0.1
CHUNK = 1 << 16


async def relay(listen: str, target: str, cut_file: Path) -> None:
    """Relay connections until cancelled. `listen` and `target` are host:port."""
    host, port = listen.rsplit(":", 1)
    target_host, target_port = target.rsplit(":", 1)
    open_now: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if cut_file.exists():
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(target_host, int(target_port))
        except OSError:
            writer.transport.abort()
            return
        open_now.update((writer, far_writer))
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            for side in (writer, far_writer):
                open_now.discard(side)
                side.close()

    server = await asyncio.start_server(serve, host, int(port))
    async with server:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if cut_file.exists():
                for writer in tuple(open_now):
                    writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    else:
        if not writer.is_closing() and writer.can_write_eof():
            writer.write_eof()


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
