"""An application ends even if one of its tasks took its cancellation for a failure of what it awaited."""

import asyncio

from trustmed.web.tasks import end_tasks


async def test_a_task_that_swallows_its_cancellation_is_cancelled_again() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed += 1

    async def done() -> None:
        return None

    tasks = [asyncio.create_task(stubborn()), asyncio.create_task(done())]
    await asyncio.sleep(0)
    await asyncio.wait_for(end_tasks(*tasks), 20)
    assert swallowed == 1
    assert all(task.done() for task in tasks)


async def test_ending_no_tasks_returns_at_once() -> None:
    await end_tasks()
