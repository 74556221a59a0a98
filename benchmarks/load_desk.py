"""Fifty registrars and doctors at work on one site: what each does, and how long each answer was in coming."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from benchmarks.load_site import PASSWORD, STAFF, LoadedSite, logins
from benchmarks.wire import Answer, Wire, wire

PAUSE_SECONDS: Final = (1.0, 3.0)
"""Between two acts of one person: about five times the haste of a real desk."""


class Taken(msgspec.Struct):
    """`ttfb_ms`: of each answer; `failed`: answers that were no success, and broken connections."""

    ttfb_ms: list[float] = []
    failed: int = 0


class Desk(msgspec.Struct):
    """One person at a computer: an open connection with a session."""

    line: Wire
    site: LoadedSite
    chance: random.Random
    taken: Taken


async def sign_in(address: str, login: str) -> dict[str, str]:
    """Return the headers of a session."""
    async with wire(address, {}) as line:
        answer = await line.post("/api/v1/session", {"login": login, "password": PASSWORD})
    if answer.status != 201:
        raise RuntimeError(f"{login}: {answer.status} {answer.body[:300].decode()}")
    return {"Authorization": f"Bearer {msgspec.json.decode(answer.body)['token']}", "Accept": "text/html"}


async def work(site: LoadedSite, sessions: dict[str, dict[str, str]], seconds: float) -> Taken:
    """Let everybody work for so long; return what they waited for."""
    taken = Taken()
    people = [(role, login) for role in STAFF for login in logins(role)]
    await asyncio.gather(
        *(
            _work_one(site, ACTS[role], sessions[login], seconds, taken, number)
            for number, (role, login) in enumerate(people)
        )
    )
    return taken


async def _work_one(
    site: LoadedSite,
    acts: Sequence[Callable[[Desk], Awaitable[None]]],
    headers: dict[str, str],
    seconds: float,
    taken: Taken,
    number: int,
) -> None:
    chance = random.Random(number)
    async with wire(site.address, headers) as line:
        desk = Desk(line, site, chance, taken)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.sleep(chance.uniform(0, PAUSE_SECONDS[1]))
                while True:
                    await chance.choice(acts)(desk)
                    await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))


async def _ask(desk: Desk, asked: Awaitable[Answer]) -> Answer | None:
    began = time.perf_counter()
    try:
        answer = await asked
    except (OSError, asyncio.IncompleteReadError):
        desk.taken.failed += 1
        return None
    except asyncio.CancelledError:
        # The phase ended while a person still waited: left out, a frozen server would look quick.
        desk.taken.ttfb_ms.append(1000 * (time.perf_counter() - began))
        raise
    desk.taken.ttfb_ms.append(1000 * answer.first_byte)
    if answer.status >= 400:
        desk.taken.failed += 1
        return None
    return answer


async def _search(desk: Desk) -> None:
    words = desk.chance.choice(desk.site.surnames)[: desk.chance.randint(3, 8)]
    await _ask(desk, desk.line.post("/api/v1/patients/find", {"line": words}))


async def _open_card(desk: Desk) -> None:
    await _ask(desk, desk.line.get(f"/patients/{desk.chance.choice(desk.site.patients)}", {}))


async def _schedule(desk: Desk) -> None:
    await _ask(desk, desk.line.get("/schedule", {}))


async def _compare(desk: Desk) -> None:
    typed = {"surname": desk.chance.choice(desk.site.surnames), "given_name": "Анна", "birth_date": "1980-05-05"}
    await _ask(desk, desk.line.post("/api/v1/patients/similar", typed))


async def _visit(desk: Desk) -> None:
    patient = desk.chance.choice(desk.site.patients)
    visit = await _ask(desk, desk.line.post("/api/v1/visits", {"patient_id": patient}))
    if visit is not None:
        await _ask(desk, desk.line.get(f"/visits/{msgspec.json.decode(visit.body)['id']}", {}))


ACTS: Final = {
    "registrar": (_search, _search, _open_card, _schedule, _compare),
    "doctor": (_search, _open_card, _open_card, _visit),
}
