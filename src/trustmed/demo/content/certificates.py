"""The demo's certificates: the region's authority is made, and every site enrols by a code as it would in life."""

from trustmed.authority.enrolment import EnrolWish
from trustmed.authority.identity import identity_files, install, prepare_request
from trustmed.authority.names import Names
from trustmed.authority.trust import trust_folder
from trustmed.region.authority.folder import KEY, create_authority
from trustmed.region.authority.issuing import Wish
from trustmed.region.authority.records import By
from trustmed.region.authority.service import Desk, add_code, enrol, note_root, open_desk, publish_now
from trustmed.topology.file.spec import Site, Topology

DEMO = By("command", "demo")


def enrol_sites(topology: Topology) -> None:
    """Give every site a certificate that has none. Again, it only renews the revocation list."""
    folder = trust_folder(topology)
    if not (folder / KEY).exists():
        note_root(topology, create_authority(topology, folder).root, DEMO)
    desk = open_desk(topology)
    publish_now(desk)
    for site in topology.site:
        if not identity_files(topology, "site", site.name).pem.exists():
            _enrol(desk, site)


def _enrol(desk: Desk, site: Site) -> None:
    names = Names("site", site.name, tuple(sorted(one.id for one in site.organization)))
    files = identity_files(desk.topology, "site", site.name)
    code, _ = add_code(desk.topology, desk.authority.root, Wish(names), 1, DEMO)
    request = prepare_request(files, names)
    issued = enrol(desk, EnrolWish(code.verifier, request, code.sign(request)), "demo")
    install(files, issued.certificate.encode())
