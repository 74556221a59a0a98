"""A running site: its databases, keys, trust and rules, in one value that services take."""

from datetime import timedelta
from pathlib import Path

from trustmed.clinic.link.watch import LinkWatch
from trustmed.clinic.official.rules import OfficialRules
from trustmed.clinic.revocation.carried import CarriedLists
from trustmed.clinic.software_keys import SoftwareSigner
from trustmed.clinic.work import Databases
from trustmed.signature.model import Policy
from trustmed.topology.file.spec import Organization, Topology


class Clinic:
    """A running site. `secrets/keys` has software keys if there are any, `secrets/trust` roots and revocation lists."""

    def __init__(self, topology: Topology, site_name: str, *, rules: OfficialRules | None = None) -> None:
        self.topology = topology
        self.site = topology.site_named(site_name)
        self.databases = Databases(topology, self.site)
        self.link = LinkWatch(topology, self.site, self.databases)
        self.rules = rules or OfficialRules.installed()
        secrets: Path = topology.folder / topology.region.secrets
        self.signer = SoftwareSigner(secrets / "keys")
        self.trust_folder = secrets / "trust"
        self.carried_lists = CarriedLists(self.databases)
        self._organizations = {organization.id: organization for organization in self.site.organization}

    @property
    def signature_policy(self) -> Policy:
        """Return what a signature must satisfy now: a site that is cut off from the region may use older lists."""
        trust = self.topology.trust
        if self.site.link == "online" and self.link.view.state == "linked":
            return Policy(oldest_crl=timedelta(days=trust.crl_days))
        return Policy(oldest_crl=timedelta(days=trust.crl_days_cut_off), require_current_crl=False)

    def organization(self, organization_id: int) -> Organization:
        """Return one of this site's organisations."""
        return self._organizations[organization_id]

    def title_of(self, organization_id: int) -> str | None:
        """Return the title of one of this site's organisations; None if the site no longer has it."""
        found = self._organizations.get(organization_id)
        return found.title if found else None

    @property
    def home(self) -> int:
        """Return the organisation under which events that belong to no organisation are audited."""
        return self.site.organization[0].id
