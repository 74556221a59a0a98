"""Carrying a plan out: read, plan, do one step after another. Killed anywhere and run again, it finishes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import psycopg

from trustmed.errors import Broken, Forbidden, InputRefused, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import ServerUnreachable
from trustmed.topology.file.spec import Topology
from trustmed.topology.plan import Step, only_wanted, plan
from trustmed.topology.state import read_state, wanted_state
from trustmed.topology.things import Session

APPLY_LOCK = 0x7472_7573_746D_6170
ROUNDS = 4


class PacketsNotYet(InputRefused):
    """A site is to be linked by packets."""


class DestroyRefused(Forbidden):
    """The plan removes something, and nobody allowed that."""


class ApplyBusy(Unavailable):
    """Another apply is at work."""


class StepFailed(Broken):
    """A step's SQL failed."""


class NotSettled(Broken):
    """Steps keep appearing after they were done."""


def planned(topology: Topology, only: str | None = None) -> tuple[Step, ...]:
    """What `apply` would do now. Raises PacketsNotYet, UnknownSite."""
    _refuse_packets(topology)
    if only is not None:
        topology.site_named(only)
    current = read_state(topology)
    wanted = wanted_state(topology, current, only)
    return plan(only_wanted(current, wanted) if only else current, wanted)


def apply(
    topology: Topology,
    *,
    allow_destroy: bool = False,
    only: str | None = None,
    on_step: Callable[[Step, int, int], None] = lambda step, number, total: None,
) -> tuple[Step, ...]:
    """Bring the servers to what the topology says; returns the steps done. `only`: the region and one site.

    `on_step(step, number, total)` is called before each step. Raises PacketsNotYet, DestroyRefused (nothing done),
    ApplyBusy, ServerUnreachable or StepFailed (earlier steps done).
    """
    _refuse_packets(topology)
    done: list[Step] = []
    with Session(topology) as session, _alone(session):
        for _ in range(ROUNDS):
            steps = planned(topology, only)
            if not steps:
                return tuple(done)
            _refuse_destruction(steps, allow_destroy)
            for number, step in enumerate(steps, 1):
                on_step(step, number, len(steps))
                _perform(step, session)
                done.append(step)
    left = planned(topology, only)
    if left:
        raise NotSettled(
            "После применения план не пуст: " + "; ".join(step.title("ru") for step in left),
            "The plan is not empty after it was applied: " + "; ".join(step.title("en") for step in left),
        )
    return tuple(done)


def _perform(step: Step, session: Session) -> None:
    if step.down is not None:
        raise ServerUnreachable(
            f"{step.down.ru} Сделанное сохранено. Повторите, когда сервер ответит, или укажите --only ПЛОЩАДКА.",
            f"{step.down.en} What was done is kept. Run again when it answers, or name --only SITE.",
        )
    try:
        step.perform(session)
    except psycopg.Error as error:
        raise StepFailed(
            f"Шаг «{step.title('ru')}» не выполнен: {str(error).strip()}. Устраните причину и повторите.",
            f"Step {step.title('en')!r} failed: {str(error).strip()}. Mend the cause and run again.",
        ) from error


def _refuse_packets(topology: Topology) -> None:
    names = ", ".join(site.name for site in topology.site if site.link == "packets")
    if names:
        raise PacketsNotYet(
            f'Площадка {names}: link = "packets" (пакетный обмен) запланирован и пока недоступен; '
            'поставьте link = "online".',
            f'Site {names}: link = "packets" is planned, not yet available; set link = "online".',
        )


def _refuse_destruction(steps: tuple[Step, ...], allowed: bool) -> None:
    lost = [step for step in steps if step.destructive]
    if lost and not allowed:
        raise DestroyRefused(
            "План удаляет связи; ничего не сделано. Если так и надо, добавьте --allow-destroy:\n"
            + "\n".join(f"  {step.title('ru')}" for step in lost),
            "The plan removes links; nothing was done. If that is meant, add --allow-destroy:\n"
            + "\n".join(f"  {step.title('en')}" for step in lost),
        )


@contextmanager
def _alone(session: Session) -> Generator[None]:
    """Hold the region's apply lock, on the registry's server; its session's end frees it."""
    server = session.topology.database_of(Place.REGISTRY).server
    connection = session.at(server)
    row = connection.execute("select pg_try_advisory_lock(%s)", (APPLY_LOCK,)).fetchone()
    if row != (True,):
        raise ApplyBusy(
            "Топология уже применяется другим процессом. Дождитесь его окончания и повторите.",
            "The topology is being applied by another process. Wait until it ends and run again.",
        )
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", (APPLY_LOCK,))
