"""Run tasks beside an application for as long as it lives."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

AGAIN_SECONDS: Final = 0.5
log = structlog.get_logger()


async def repeat(work: Callable[[], Awaitable[None]], seconds: float, failure: str) -> None:
    """Do `work` every so many seconds, for ever. A failure is logged as the event `failure` and does not stop it."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error(failure, error=error, exc_info=error)
        await asyncio.sleep(seconds)


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait for their end.

    A task in the middle of a query may take the cancellation for a failure of the query and go on: cancel it again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
