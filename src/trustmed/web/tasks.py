"""Tasks that run beside an application for as long as it lives."""

import asyncio
from typing import Any, Final

AGAIN_SECONDS: Final = 0.5


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them and wait. One that was in the middle of a query may take the cancellation for the query's failure and
    go on: it is cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
