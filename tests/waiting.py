"""Wait for a state, never for a time."""

import asyncio
import time
from collections.abc import Callable
from typing import Any


def eventually(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until it holds; the long timeout is for a busy machine and promises no speed."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


async def health_says(client: Any, part: str, state: str, seconds: float = 60.0) -> dict[str, Any]:
    """Wait until `/health`, which is examined every few seconds, says this of a part; return what it says."""
    async with asyncio.timeout(seconds):
        while (found := (await client.get("/health")).json())["parts"][part]["state"] != state:
            await asyncio.sleep(0.1)
    return found
