"""The region's authority of a demo, and the certificates by which its sites sign who of their staff asks."""

from typing import Final

from trustmed.authority.identity import identity_files
from trustmed.authority.names import Names
from trustmed.authority.trust import trust_folder
from trustmed.region.authority.folder import ROOT, create_authority
from trustmed.region.authority.issuing import Wish
from trustmed.region.authority.records import By
from trustmed.region.authority.service import issue_here, open_desk
from trustmed.topology.file.spec import Topology

DEMO: Final = By("demo", "Демо")


def issue_identities(topology: Topology) -> None:
    """Make the authority and an identity for every site, unless they are there."""
    folder = trust_folder(topology)
    if not (folder / ROOT).exists():
        create_authority(topology, folder)
    desk = open_desk(topology)
    for site in topology.site:
        if not identity_files(topology, "site", site.name).pem.exists():
            organizations = tuple(one.id for one in site.organization)
            issue_here(desk, Wish(Names("site", site.name, organizations)), DEMO)
