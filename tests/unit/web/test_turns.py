import asyncio
from contextlib import AsyncExitStack

import pytest

from trustmed.web.turns import AT_ONCE, MOST_OF_ONE, MOST_WAITING, SignInBusy, Turns


async def test_a_crowd_in_one_place_leaves_room_to_others() -> None:
    turns, go_on, done = Turns(), asyncio.Event(), []

    async def sign_in(place: str) -> None:
        async with turns.turn(place):
            await go_on.wait()
            done.append(place)

    crowd = [asyncio.create_task(sign_in("crowd")) for _ in range(MOST_OF_ONE + 5)]
    await asyncio.sleep(0)
    other = asyncio.create_task(sign_in("other"))
    await asyncio.sleep(0)
    go_on.set()
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    await other
    assert [isinstance(one, SignInBusy) for one in answers].count(True) == 5
    assert (done.count("crowd"), done.count("other")) == (MOST_OF_ONE, 1)
    async with turns.turn("crowd"):
        pass


async def test_a_long_queue_is_refused_at_once() -> None:
    turns, go_on = Turns(), asyncio.Event()

    async def sign_in(place: str) -> None:
        async with turns.turn(place):
            await go_on.wait()

    waiting = [asyncio.create_task(sign_in(f"place{number}")) for number in range(MOST_WAITING + AT_ONCE)]
    await asyncio.sleep(0)
    async with AsyncExitStack() as stack:
        with pytest.raises(SignInBusy):
            await stack.enter_async_context(turns.turn("late"))
    go_on.set()
    await asyncio.gather(*waiting)
