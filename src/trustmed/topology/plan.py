"""The plan: steps that lead from the present state to the wanted one. Pure; no step depends on a later one.

Order rule. Things are made in the order of the wanted state: the region first, then each site in the file's order;
within each, roles, databases, additions to the schema, publications, slots, subscriptions (the order of
`things.KINDS`); last, removals from the schema, at the sites before the region (none while a site is left out). Things
that the wanted state does not have are removed after that in reverse order: subscriptions, slots, publications.

Invariant, after every step: a subscription has its slot, publication and tables at both ends; the change feed's slot
is older than any subscription into its database; a region's schema is never older than that of a site linked to it.
Hence a plan may be cut after any step: the state read then plans the rest.
"""

from typing import Literal

import msgspec

from trustmed.topology.state import State, Unreachable
from trustmed.topology.things import KINDS, Session, Thing

VERBS = {
    "make": ("создать", "make"),
    "change": ("изменить", "change"),
    "remove": ("УДАЛИТЬ", "REMOVE"),
}


class Step(msgspec.Struct, frozen=True):
    """One unit of work. `before`: the thing before a change. Action "wait": a server is down, its state is unknown."""

    action: Literal["make", "change", "remove", "wait"]
    thing: Thing | None = None
    before: Thing | None = None
    down: Unreachable | None = None

    @property
    def destructive(self) -> bool:
        return self.action == "remove"

    def title(self, language: str) -> str:
        if self.thing is None:
            return _waiting(self.down, language)
        ru, en = VERBS[self.action]
        text = f"{en if language == 'en' else ru}: {self.thing.noun(language)}"
        details = self.thing.difference(self.before, language) if self.before else ""
        return f"{text}: {details}" if details else text

    def perform(self, session: Session) -> None:
        """Take the step. Raises ServerUnreachable, psycopg.Error and the thing's own errors."""
        if self.thing is None:
            return
        if self.action == "make":
            self.thing.make(session)
        elif self.action == "remove":
            self.thing.remove(session)
        elif self.before is not None:
            self.thing.change(session, self.before)

    def after(self, state: State) -> State:
        """Return the state that this step leads to."""
        if self.thing is None:
            return state
        others = tuple(thing for thing in state.things if thing.key != self.thing.key)
        things = others if self.action == "remove" else (*others, self.thing)
        return msgspec.structs.replace(state, things=things)


def plan(current: State, wanted: State) -> tuple[Step, ...]:
    """Return the steps from `current` to `wanted`, in order; none if the states agree."""
    there, down = current.by_key(), {item.server: item for item in current.unreachable}
    steps: dict[Step, None] = {}  # a dict, not a list: many things wait for one server, and that is one step
    for thing in wanted.things:
        unanswering = next((down[server] for server in thing.servers if server in down), None)
        before = there.get(thing.key)
        if unanswering:
            steps[Step("wait", down=unanswering)] = None
        elif before is None:
            steps[Step("make", thing)] = None
        elif before != thing:
            steps[Step("change", thing, before)] = None
    kept = {thing.key for thing in wanted.things}
    return (*steps, *_removals(tuple(thing for key, thing in there.items() if key not in kept)))


def restrict_to_wanted(current: State, wanted: State) -> State:
    """Return `current` without the things that `wanted` does not have, so that a plan removes nothing."""
    named = {thing.key for thing in wanted.things}
    servers = {server for thing in wanted.things for server in thing.servers}
    return msgspec.structs.replace(
        current,
        things=tuple(thing for thing in current.things if thing.key in named),
        unreachable=tuple(item for item in current.unreachable if item.server in servers),
    )


def _removals(things: tuple[Thing, ...]) -> tuple[Step, ...]:
    rank = {kind: index for index, kind in enumerate(KINDS)}
    removable = [thing for thing in things if thing.removable]
    return tuple(Step("remove", thing) for thing in sorted(removable, key=lambda t: (-rank[type(t)], t.key)))


def _waiting(down: Unreachable | None, language: str) -> str:
    if down is None:
        return ""
    return f"wait for server {down.server}: {down.en}" if language == "en" else f"ждать сервер {down.server}: {down.ru}"
