"""Which links carry a database of the site to the region, and which of them carry signed documents."""

import re

import msgspec

from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import links


class Outgoing(msgspec.Struct, frozen=True):
    """Names of the links out of one database; documents are at the region when those `of_documents` have them."""

    links: tuple[str, ...]
    of_documents: tuple[str, ...]

    @property
    def slot_pattern(self) -> str:
        """A regular expression of their slots' names: the link's with an epoch."""
        return f"^({'|'.join(map(re.escape, self.links))})_[0-9]+$"


def outgoing(topology: Topology, database: Database) -> Outgoing:
    """Return the links out of a database of the site."""
    found = [link for link in links(topology) if link.source == database]
    of_documents = [link for link in found if any(flow.source is Place.DOCUMENTS for flow in link.flows)]
    return Outgoing(tuple(link.name for link in found), tuple(link.name for link in of_documents))
