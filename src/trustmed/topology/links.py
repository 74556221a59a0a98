"""The links of a topology, derived from the flows: one for each pair of databases that rows flow between."""

from hashlib import sha256

import msgspec

from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Site, Topology
from trustmed.topology.flows import FLOWS, HEARTBEAT, Flow

NAME_LIMIT = 54  # a slot's name is the link's with "_<epoch>", and PostgreSQL keeps 63 bytes
SHORT_LABEL, SHORT_HASH = 20, 8  # characters of the parts of a name that had to be shortened


class PublishedTable(msgspec.Struct, frozen=True, order=True):
    """A table in a publication. Rows: of `organizations` only, or heartbeats of `link` only; `other_rows` is a filter
    that this program never writes. Columns: all but generated ones and those `left_out`; None where the publication
    has no list, and so would carry every column added later.
    """

    table: str
    organizations: tuple[int, ...] = ()
    link: str | None = None
    other_rows: str | None = None
    left_out: tuple[str, ...] | None = ()


class Link(msgspec.Struct, frozen=True):
    """All that flows from one database to another. Publication and subscription bear its name, the slot adds an epoch.

    `site` owns the link; None between databases of the region. `host` and `port`: where the target's server reaches
    the source's. `flows` do not list the heartbeat.
    """

    name: str
    source: Database
    target: Database
    site: str | None
    flows: tuple[Flow, ...]
    organizations: tuple[int, ...]
    host: str
    port: int

    @property
    def filtered_organizations(self) -> tuple[int, ...]:
        """The organisations that row filters of this link name; none if the link carries all rows."""
        return self.organizations if any(flow.own_only for flow in self.flows) else ()

    @property
    def published(self) -> tuple[PublishedTable, ...]:
        """The tables of the publication, the heartbeat among them."""
        tables = [
            PublishedTable(flow.table, organizations=self.organizations if flow.own_only else ()) for flow in self.flows
        ]
        return tuple(sorted([*tables, PublishedTable(HEARTBEAT, link=self.name)]))


def link_name(source: Database, target: Database) -> str:
    """Return `<source>_to_<target>`, shortened by a hash where it would be too long for PostgreSQL."""
    name = f"{source.label}_to_{target.label}"
    if len(name) <= NAME_LIMIT:
        return name
    start, end = source.label[:SHORT_LABEL], target.label[:SHORT_LABEL]
    return f"{start}_to_{end}_{sha256(name.encode()).hexdigest()[:SHORT_HASH]}"


def links(topology: Topology) -> tuple[Link, ...]:
    """Return every link: the region's first, then the sites' in the file's order."""
    found: dict[tuple[Database, Database], Link] = {}
    for site in (None, *topology.site):
        for flow in FLOWS:
            for source, target in _ends(topology, flow, site):
                if source == target:
                    continue  # segments placed together need no link between them
                link = found.get((source, target)) or _link_without_flows(topology, source, target, site)
                found[source, target] = msgspec.structs.replace(link, flows=_with_flow(link.flows, flow))
    return tuple(found.values())


def _with_flow(flows: tuple[Flow, ...], flow: Flow) -> tuple[Flow, ...]:
    return flows if any(other.table == flow.table for other in flows) else (*flows, flow)


def _ends(topology: Topology, flow: Flow, site: Site | None) -> list[tuple[Database, Database]]:
    """Return the pairs of databases that a flow joins: of one site and the region, or within the region (None)."""
    if site is not None:
        if not (flow.source.is_at_site or flow.target.is_at_site):
            return []
        return [(topology.database_of(flow.source, site), topology.database_of(flow.target, site))]
    if flow.source.is_at_site or flow.target.is_at_site:
        return []
    return [
        (source, target) for source in _at_region(topology, flow.source) for target in _at_region(topology, flow.target)
    ]


def _at_region(topology: Topology, place: Place) -> list[Database]:
    return [database for database in topology.databases() if place in database.places]


def _link_without_flows(topology: Topology, source: Database, target: Database, site: Site | None) -> Link:
    server = topology.server_named(source.server)
    address = f"{server.host}:{server.port}"
    if site and source.site:
        address = server.address_from_region or address
    elif site and site.reference_address:
        address = site.reference_address
    host, _, port = address.rpartition(":")
    return Link(
        name=link_name(source, target),
        source=source,
        target=target,
        site=site.name if site else None,
        flows=(),
        organizations=tuple(sorted(organization.id for organization in site.organization)) if site else (),
        host=host.strip("[]"),
        port=int(port),
    )
