"""Carry out a plan: read the servers, plan, do one step after another. Killed anywhere and run again, it finishes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import psycopg

from trustmed.db.migrate import SchemaNewer
from trustmed.db.rows import find_value
from trustmed.errors import Broken, Forbidden, InputRefused, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import ServerUnreachable
from trustmed.topology.file.spec import Topology
from trustmed.topology.plan import Step, plan, restrict_to_wanted
from trustmed.topology.state import read_state, wanted_state
from trustmed.topology.things import Session
from trustmed.topology.things.schema import SchemaFiles

APPLY_LOCK = 0x7472_7573_746D_6170  # "trustmap"
# A step may call for others: a publication that was altered by hand marks its link for a resync in the next round.
ROUNDS = 4


class PacketsNotYet(InputRefused):
    """The file asks for a link by packets, which this version cannot make."""


class DestroyRefused(Forbidden):
    """The plan removes something without permission."""


class ApplyBusy(Unavailable):
    """Another process applies the topology."""


class StepFailed(Broken):
    """The SQL of a step failed."""


class NotSettled(Broken):
    """The plan is still not empty after the last round."""


def pending_steps(topology: Topology, only: str | None = None, *, removals: bool = True) -> tuple[Step, ...]:
    """Return the steps that `apply` would take now, see there for `only` and `removals`.

    Raises PacketsNotYet, UnknownSite.
    """
    _refuse_packets(topology)
    if only is not None:
        topology.site_named(only)
    current = read_state(topology)
    wanted = wanted_state(topology, current, only, removals=removals)
    return plan(restrict_to_wanted(current, wanted) if only else current, wanted)


def apply(
    topology: Topology,
    *,
    allow_destroy: bool = False,
    only: str | None = None,
    removals: bool = True,
    on_step: Callable[[Step, int, int], None] = lambda step, number, total: None,
) -> tuple[Step, ...]:
    """Bring the servers to what the topology says; return the steps taken. `only`: the region and one site.

    Without `removals`, or with `only`, the schema keeps what programs of an earlier version need.
    `on_step(step, number, total)` is called before each step. Raises PacketsNotYet, DestroyRefused, SchemaNewer,
    ApplyBusy (nothing is done), ServerUnreachable or StepFailed (earlier steps stay done), NotSettled.
    """
    _refuse_packets(topology)
    done: list[Step] = []
    with Session(topology) as session, _apply_lock(session):
        for _ in range(ROUNDS):
            steps = pending_steps(topology, only, removals=removals)
            if not steps:
                return tuple(done)
            _refuse_newer(steps)
            _refuse_destruction(steps, allow_destroy)
            for number, step in enumerate(steps, 1):
                on_step(step, number, len(steps))
                _perform(step, session)
                done.append(step)
    left = pending_steps(topology, only, removals=removals)
    if left:
        raise NotSettled(
            "После применения остались шаги: " + "; ".join(step.title("ru") for step in left),
            "Steps are left after the plan was applied: " + "; ".join(step.title("en") for step in left),
        )
    return tuple(done)


def _perform(step: Step, session: Session) -> None:
    if step.down is not None:
        raise ServerUnreachable(
            f"{step.down.ru} Выполненные шаги сохранены. Повторите, когда сервер ответит, или укажите --only ПЛОЩАДКА.",
            f"{step.down.en} The steps taken are kept. Run again when the server answers, or with --only SITE.",
        )
    try:
        step.perform(session)
    except psycopg.Error as error:
        raise StepFailed(
            f"Шаг «{step.title('ru')}» не выполнен: {str(error).strip()}. Устраните причину и повторите.",
            f"Step {step.title('en')!r} failed: {str(error).strip()}. Remove the cause and run again.",
        ) from error


def _refuse_packets(topology: Topology) -> None:
    names = ", ".join(site.name for site in topology.site if site.link == "packets")
    if names:
        raise PacketsNotYet(
            f'Площадка {names}: link = "packets" (пакетный обмен) запланирован и пока недоступен; '
            'поставьте link = "online".',
            f'Site {names}: link = "packets" is planned, not yet available; set link = "online".',
        )


def _refuse_newer(steps: tuple[Step, ...]) -> None:
    """Refuse before any step: this program would replace later roles and functions by its own."""
    newer = [step.before for step in steps if isinstance(step.before, SchemaFiles) and step.before.unknown]
    if newer:
        ru, en = (", ".join(dict.fromkeys(thing.noun(language) for thing in newer)) for language in ("ru", "en"))
        raise SchemaNewer(
            f"Новее этой программы: {ru}. Ничего не сделано. Обновите программу.",
            f"Newer than this program: {en}. Nothing was done. Upgrade the program.",
        )


def _refuse_destruction(steps: tuple[Step, ...], allowed: bool) -> None:
    lost = [step for step in steps if step.destructive]
    if lost and not allowed:
        raise DestroyRefused(
            "План удаляет связи, поэтому ничего не сделано. Если так и нужно, добавьте --allow-destroy:\n"
            + "\n".join(f"  {step.title('ru')}" for step in lost),
            "The plan removes links; nothing was done. If you mean that, add --allow-destroy:\n"
            + "\n".join(f"  {step.title('en')}" for step in lost),
        )


@contextmanager
def _apply_lock(session: Session) -> Generator[None]:
    """Hold the region's apply lock on the registry's server, which frees it when this session ends, however it ends."""
    server = session.topology.database_of(Place.REGISTRY).server
    connection = session.at(server)
    if not find_value(connection, "select pg_try_advisory_lock(%s)", (APPLY_LOCK,)):
        raise ApplyBusy(
            "Топологию уже применяет другой процесс. Дождитесь, пока он закончит, и повторите.",
            "Another process is applying the topology. Wait until it ends and run again.",
        )
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", (APPLY_LOCK,))
