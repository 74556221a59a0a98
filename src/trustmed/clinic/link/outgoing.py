"""Find the links that carry a database of the site to the region, and those that carry signed documents."""

import re

import msgspec

from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import links


class Outgoing(msgspec.Struct, frozen=True):
    """Names of the links out of one database. A document is at the region once all `of_documents` have carried it."""

    links: tuple[str, ...]
    of_documents: tuple[str, ...]

    @property
    def slot_pattern(self) -> str:
        """Return a regular expression for the names of their slots: a link's name followed by an epoch."""
        return f"^({'|'.join(map(re.escape, self.links))})_[0-9]+$"


def outgoing(topology: Topology, database: Database) -> Outgoing:
    """Return the links out of a database of the site."""
    found = [link for link in links(topology) if link.source == database]
    of_documents = [link for link in found if any(flow.source is Place.DOCUMENTS for flow in link.flows)]
    return Outgoing(tuple(link.name for link in found), tuple(link.name for link in of_documents))
