"""Tasks that run beside an application for as long as it lives."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

AGAIN_SECONDS: Final = 0.5
log = structlog.get_logger()


async def repeated(work: Callable[[], Awaitable[None]], seconds: float, failure: str) -> None:
    """Do it every so many seconds, for ever. A failure is logged as the event `failure` and does not end it."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error(failure, error=type(error).__name__, exc_info=error)
        await asyncio.sleep(seconds)


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them and wait. One that was in the middle of a query may take the cancellation for the query's failure and
    go on: it is cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
