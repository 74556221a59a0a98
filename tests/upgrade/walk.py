"""The main scenario at one site, by HTTP alone, with whatever programs serve it."""

import datetime as dt
import itertools
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2
from joserfc.jwk import ECKey

from tests import citizens
from tests.upgrade.stand import Stand
from trustmed.demo.calls import Clinic, Portal, Region
from trustmed.demo.citizens.login import claims_of
from trustmed.demo.citizens.portal import Calls
from trustmed.demo.content.phone import codes
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.patient.identifiers import snils_check_number
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import secret

PATIENCE = 180.0
ALONE = "Показано только то, что есть в этой клинике."
"""What a site's page says when the region does not open a record to it."""
Seen = TypeVar("Seen")
_numbers = itertools.count(301_000_001)
TODAY = dt.datetime.now().astimezone().date()


class BothCalls(Calls):
    """The interface of portals as both editions understand it: the released one took a СНИЛС at its word."""

    def __init__(self, topology: Topology) -> None:
        key = ECKey.import_key({**citizens.PORTAL.jwk, "d": citizens.number(citizens.PORTAL.secret, 32)})
        super().__init__(f"http://{topology.region.listen}", secret(topology, "portal", "token"), key)

    def ask(self, method: str, path: str, citizen_token: str, **more: Any) -> httpx2.Response:
        self._http.headers["X-Person-Snils"] = claims_of(citizen_token)["snils"]
        return super().ask(method, path, citizen_token, **more)


class Walker:
    """Who acts at a site and at the region. They sign in once: sessions outlive the programs that opened them."""

    def __init__(self, stand: Stand, site: str) -> None:
        topology = stand.topology
        address, region = topology.site_named(site).listen, topology.region.listen
        self.is_behind = False  # its programs are older than the region's, and sign no questions
        self.organization = topology.site_named(site).organization[0].id
        self.registrar = Clinic(address, login("registrar", 0), PASSWORD)
        self.doctor = Clinic(address, login("doctor", 0), PASSWORD)
        self.engineer = Region(region, "engineer", PASSWORD, codes=codes(topology, "engineer"))
        self.named: dict[str, citizens.Named] = {}
        self.portal = Portal(BothCalls(topology), lambda snils: citizens.token(snils, self.named[snils]))
        for one in (self.registrar, self.doctor, self.engineer):
            one.sign_in()

    def close(self) -> None:
        for one in (self.registrar, self.doctor, self.engineer, self.portal):
            one.close()

    def walk(self) -> None:
        """A new patient, a signed document, the portal, the record, bookings made on both sides."""
        snils, patient = self.register()
        self.sign(snils, patient)
        self.book(snils, patient)

    def register(self) -> tuple[str, str]:
        """СНИЛС and id of a new patient."""
        number = f"{next(_numbers)}"
        snils = f"{number}{snils_check_number(number):02}"
        name = number.translate(str.maketrans("0123456789", "абвгдежзик"))
        born = dt.date(1950, 1, 1) + dt.timedelta(days=41 * (int(number) % 500))
        card = {"surname": f"Проверкин{name}", "given_name": "Пётр", "birth_date": born.isoformat(), "sex": 1}
        self.named[snils] = citizens.Named(card["surname"], "Пётр", None, born.isoformat())
        more = {"snils": snils, "address": "с. Центральное, ул. Полевая, д. 1"}
        answer = self.registrar.http.post("/api/v1/patients", json=card | more)
        assert answer.status_code == 201, answer.text
        return snils, answer.json()["id"]

    def sign(self, snils: str, patient: str) -> None:
        """It reaches the registry and the shard, the portal reads it exactly, and the record comes back with it."""
        signed = self.doctor.write_and_sign(patient)
        content = self.doctor.http.get(f"/api/v1/documents/{signed.id}/content").content
        eventually("the registry", lambda: signed.id in [one["id"] for one in self.engineer.newest()])
        eventually("the portal's list", lambda: [one["id"] for one in self.portal.documents(snils)] == [signed.id])
        eventually("signatures", lambda: len(self.portal.signatures(snils, signed.id)) == 2)
        assert self.portal.content(snils, signed.id) == content
        wanted = ALONE if self.is_behind else "J06.9"
        eventually(
            "the region's record at the site",
            lambda: wanted in self.doctor.record(patient),
            lambda: text_of(self.doctor.record(patient)),
        )

    def book(self, snils: str, patient: str) -> None:
        """One booking by the site, one by the portal, each of its own slots; both sides come to know both."""
        ours = self.doctor.free(TODAY)[0]
        theirs = eventually("the region's share", lambda: self._others(self._free_at_region(snils), ours))
        made = self.doctor.book(ours["id"], patient)["id"]
        sold = self.portal.book(snils, self.organization, theirs[0]["slot_id"])["id"]

        def known() -> bool:
            here = {one["id"] for one in self.doctor.bookings(patient)}
            there = {one["id"] for one in self.portal.bookings(snils)}
            return {made, sold} == here == there

        eventually("bookings on both sides", known)

    def versions(self) -> dict[str, str]:
        """Dictionaries in force at the site."""
        answer = self.doctor.http.get("/api/v1/nsi/dictionaries")
        assert answer.status_code == 200, answer.text
        return {one["oid"]: one["version"] for one in answer.json()["dictionaries"]}

    def _free_at_region(self, snils: str) -> list[dict[str, Any]]:
        return self.portal.free(snils, self.organization, TODAY, TODAY + dt.timedelta(days=13))

    def _others(self, found: list[dict[str, Any]], ours: dict[str, Any]) -> list[dict[str, Any]]:
        """Slots of other days: neither side takes the two for one wish made twice."""
        return [one for one in found if one["starts_at"][:10] != ours["starts_at"][:10]]


def text_of(page: str) -> str:
    """Return what a person reads on a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2]).split())


def eventually(what: str, look: Callable[[], Seen], instead: Callable[[], object] = lambda: "") -> Seen:
    """Look until there is something; the last sight. `instead`: what to say there was."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"never came: {what} {instead()}"
        time.sleep(0.05)
    return seen
