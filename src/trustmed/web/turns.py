"""Let a few sign in at a time: a password costs 64 MB and a processor, and hostile clients come by hundreds."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from trustmed.errors import Unavailable

AT_ONCE: Final = max(2, (os.cpu_count() or 2) // 2)
MOST_WAITING: Final = 120
MOST_OF_ONE: Final = 24
"""Of those who wait or sign in, from one network (or one known device): a crowd in one place leaves room to others."""
RETRY_SECONDS: Final = 3


class SignInBusy(Unavailable):
    """Too many sign in at this moment."""

    def __init__(self) -> None:
        super().__init__(
            "Сейчас входит слишком много людей. Повторите через несколько секунд.",
            "Too many people are signing in just now. Try again in a few seconds.",
        )
        self.retry_after_seconds = RETRY_SECONDS


class Turns:
    """Whose turn it is, in order of coming."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._present: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, whose: str) -> AsyncGenerator[None]:
        """Wait for a turn and hold it for the block. Raises SignInBusy at once if the queue is long."""
        if self._present[whose] >= MOST_OF_ONE or self._present.total() >= MOST_WAITING + AT_ONCE:
            raise SignInBusy
        self._present[whose] += 1
        try:
            async with self._places:
                yield
        finally:
            self._present[whose] -= 1
            if not self._present[whose]:
                del self._present[whose]
