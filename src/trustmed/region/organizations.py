"""Organisations of the topology as the region's interfaces and pages name them."""

import msgspec

from trustmed.topology.file.spec import Topology


class OrganizationView(msgspec.Struct, frozen=True):
    """`oid`, `title`: None for an organisation that is in the topology no more."""

    id: int
    oid: str | None
    title: str | None


def organization_view(topology: Topology, organization_id: int) -> OrganizationView:
    """The organisation as an interface answers with it."""
    found = topology.organization(organization_id)
    return OrganizationView(organization_id, found.oid if found else None, found.title if found else None)


def organization_titles(topology: Topology) -> dict[int, str]:
    """The titles of the region's organisations by their ids."""
    return {one.id: one.title for site in topology.site for one in site.organization}
