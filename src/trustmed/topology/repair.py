"""Repair one link by the cause of its trouble. A repair that was killed may be run again."""

import time

import msgspec
import psycopg
from psycopg import sql

from trustmed.errors import Broken, NotFound
from trustmed.topology.apply import apply
from trustmed.topology.file.spec import Topology
from trustmed.topology.links import Link, links
from trustmed.topology.native.merge import Merged
from trustmed.topology.native.resync import resync
from trustmed.topology.native.session import Session
from trustmed.topology.native.subscribe import link_conninfo
from trustmed.topology.secrets import ensure_secret
from trustmed.topology.things.roles import make_roles, set_password
from trustmed.topology.watch.causes import CAUSES, Repair
from trustmed.topology.watch.probe import probe_links
from trustmed.topology.watch.status import LinkState

STREAMING_SECONDS = 20.0
PROBE_PAUSE_SECONDS = 0.3


class UnknownLink(NotFound):
    """The topology has no link of that name."""


class NotRepairable(Broken):
    """This command cannot mend the fault; the text says what to do instead."""


class RepairFailed(Broken):
    """A statement of the repair failed."""


class Repaired(msgspec.Struct, frozen=True):
    """What was wrong, what was done (None: nothing had to be), and the state of the link now.

    `tables` after a resync: rows added, changed (the former kept in quarantine), absent at the source.
    """

    link: str
    before: LinkState
    done: Repair | None
    tables: tuple[Merged, ...]
    after: LinkState


def repair(topology: Topology, name: str, *, remove_ghosts: bool = False) -> Repaired:
    """Find what is wrong with the link, mend it, wait until it streams.

    `remove_ghosts`: remove rows that the target has and the source lacks (a copy stays in quarantine).
    Raises UnknownLink, NotRepairable, RepairFailed, ServerUnreachable, ResyncBusy and the errors of `apply`.
    """
    link = _find_link(topology, name)
    before = probe_links(topology, (link,))[0]
    if before.state == "streaming" or before.cause is None:
        return Repaired(name, before, None, (), before)
    kind = CAUSES[before.cause].repair
    if kind == "none":
        raise NotRepairable(f"{before.error_ru}. {before.action_ru}.", f"{before.error_en}. {before.action_en}.")
    tables = _mend(topology, link, kind, remove_ghosts)
    return Repaired(name, before, kind, tables, _wait_until_streaming(topology, link))


def _mend(topology: Topology, link: Link, kind: Repair, remove_ghosts: bool) -> tuple[Merged, ...]:
    try:
        with Session(topology) as session:
            if kind == "resync":
                return resync(session, link, remove_ghosts=remove_ghosts).tables
            if kind == "password":
                _renew_password(session, link)
            elif kind == "enable":
                _enable(session, link)
        if kind == "apply":
            apply(topology, removals=False)
    except psycopg.Error as error:
        raise RepairFailed(
            f"Связь {link.name} не восстановлена: {str(error).strip()}. Устраните причину и повторите.",
            f"Link {link.name} is not repaired: {str(error).strip()}. Remove the cause and run again.",
        ) from error
    return ()


def _renew_password(session: Session, link: Link) -> None:
    """Set the deployment's secret on both ends, the role and the subscription; unlock the role if it is locked."""
    make_roles(session.at(link.source.server))
    password = ensure_secret(session.topology, link.source.server, "trustmed_link")
    set_password(session.at(link.source.server), "trustmed_link", password)
    session.at(link.target.server, link.target.name).execute(
        sql.SQL("alter subscription {} connection {}").format(
            sql.Identifier(link.name), sql.Literal(link_conninfo(session.topology, link))
        )
    )
    _enable(session, link)


def _enable(session: Session, link: Link) -> None:
    statement = sql.SQL("alter subscription {} enable").format(sql.Identifier(link.name))
    session.at(link.target.server, link.target.name).execute(statement)


def _wait_until_streaming(topology: Topology, link: Link) -> LinkState:
    deadline = time.monotonic() + STREAMING_SECONDS
    while True:
        state = probe_links(topology, (link,))[0]
        if state.state == "streaming" or time.monotonic() > deadline:
            return state
        time.sleep(PROBE_PAUSE_SECONDS)


def _find_link(topology: Topology, name: str) -> Link:
    found = {link.name: link for link in links(topology)}
    if name not in found:
        names = ", ".join(found)
        raise UnknownLink(f"Связи «{name}» нет. Есть: {names}.", f"There is no link {name!r}. There are: {names}.")
    return found[name]
