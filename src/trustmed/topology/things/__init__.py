"""The kinds of things a deployment consists of, in the order of making. A new kind is one type added to KINDS."""

from trustmed.topology.things.base import Reader, Session, Thing, Wish
from trustmed.topology.things.database import ServerDatabase
from trustmed.topology.things.publication import Publication
from trustmed.topology.things.roles import Login, Roles
from trustmed.topology.things.schema import Additions, Removals
from trustmed.topology.things.server_functions import ServerFunctions
from trustmed.topology.things.slot import Slot
from trustmed.topology.things.subscription import Subscription

KINDS: tuple[type[Thing], ...] = (
    Roles,
    Login,
    ServerFunctions,
    ServerDatabase,
    Additions,
    Publication,
    Slot,
    Subscription,
    Removals,
)

__all__ = ["KINDS", "Reader", "Session", "Thing", "Wish"]
