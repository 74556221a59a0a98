"""Carry the newest lists of the trust folder to the sites. Roots do not travel: whom to trust is each site's own."""

from pathlib import Path

from trustmed.db.queries import load
from trustmed.db.rows import find_row
from trustmed.region.pools import ROLE
from trustmed.schema import Place
from trustmed.signature.certificate import name_line
from trustmed.signature.refresh import find_issuer, is_newer, list_id
from trustmed.signature.revocation import RevocationList
from trustmed.signature.trust import TrustStore, load_trust, read_lists
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)


def carry_lists(topology: Topology, folder: Path) -> list[str]:
    """Give every site the newest list of each issuer of the folder; return the issuers whose list is new to them.

    Raises TrustFolderMissing, ServerUnreachable.
    """
    trust, contents = load_trust(folder), read_lists(folder)
    with connect(topology, topology.database_of(Place.NSI), ROLE, "trust") as connection:
        carried = []
        for crl in newest_lists(trust):
            values = {
                **{"issuer": list_id(crl), "name": name_line(crl.issuer), "number": crl.number},
                **{"this_update": crl.issued_at, "next_update": crl.next_update},
                **{"sha256": crl.sha256, "content": contents[crl.sha256]},
            }
            if find_row(connection, QUERIES["carry"], values) is not None:
                carried.append(name_line(crl.issuer))
    return carried


def newest_lists(trust: TrustStore) -> list[RevocationList]:
    """Return the newest list of each series that an issuer of the store has signed."""
    newest: dict[str, RevocationList] = {}
    for crl in (one for lists in trust.crls.values() for one in lists):
        if find_issuer(crl, trust) is None:
            continue
        key = list_id(crl)
        if key not in newest or is_newer(crl, newest[key]):
            newest[key] = crl
    return list(newest.values())
