"""The kinds of things a deployment is made of, in the order they are made. A new kind is one type added here."""

from trustmed.topology.things.base import Reader, Session, Thing, Wish
from trustmed.topology.things.database import DatabaseMade
from trustmed.topology.things.migrated import Additions, Removals
from trustmed.topology.things.publication import Publication
from trustmed.topology.things.roles import Login, Roles
from trustmed.topology.things.slot import Slot
from trustmed.topology.things.subscription import Subscription
from trustmed.topology.things.watching import ServerFunctions

KINDS: tuple[type[Thing], ...] = (
    Roles,
    Login,
    ServerFunctions,
    DatabaseMade,
    Additions,
    Publication,
    Slot,
    Subscription,
    Removals,
)

__all__ = ["KINDS", "Reader", "Session", "Thing", "Wish"]
