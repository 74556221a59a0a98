"""Organisations of the topology as the region's interfaces and pages name them."""

import msgspec

from trustmed.topology.file.spec import Topology


class OrganizationView(msgspec.Struct, frozen=True):
    """An organisation in an answer; `oid` and `title` are None if the topology no longer has it."""

    id: int
    oid: str | None
    title: str | None


def organization_view(topology: Topology, organization_id: int) -> OrganizationView:
    """Return the organisation as an interface answers with it."""
    found = topology.organization(organization_id)
    return OrganizationView(organization_id, found.oid if found else None, found.title if found else None)


def organization_titles(topology: Topology) -> dict[int, str]:
    """Return the titles of the region's organisations by their ids."""
    return {one.id: one.title for site in topology.site for one in site.organization}
