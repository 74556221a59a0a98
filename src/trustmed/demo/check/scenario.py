"""The main scenario of a region, step by step, by HTTP. Each step raises if its promise does not hold."""

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from trustmed.demo.calls import Clinic, Portal, Region, Signed, digest
from trustmed.demo.content.lookalikes import lookalikes
from trustmed.demo.content.phone import codes
from trustmed.demo.content.seed import PASSWORD, doctors, login
from trustmed.demo.laptop import Laptop, database_services, program_services
from trustmed.demo.region import wait_for_databases, wait_for_web
from trustmed.embedded.processes import Supervisor
from trustmed.schema import Place
from trustmed.signature.model import Expected
from trustmed.signature.trust import load_trust
from trustmed.signature.verify import verify
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Site

Seen = TypeVar("Seen")

SITE = "hospital"
WARNING = re.compile(r'class="warning"[^>]*>(.*?)</p>', re.DOTALL)
TODAY = dt.datetime.now().astimezone().date()
DOUBTS = 6  # look-alikes that only a person can decide about
ACCESSES = (
    "select from audit.access"
    " where channel = 'portal' and ground = 'own' and outcome = 'granted' and person_id is not null"
)
CUT_TEXT = "нет связи с регионом, документы будут переданы"


class NotHeld(Exception):
    """A step's promise does not hold; the text says how."""


class Scenario:
    """The steps, and what they share: who acts, and the documents signed so far."""

    def __init__(self, laptop: Laptop, supervisor: Supervisor) -> None:
        self.laptop, self.supervisor = laptop, supervisor
        self.topology = laptop.topology
        self.site: Site = self.topology.site_named(SITE)
        self.organization = self.site.organization[0]
        self.doctor = Clinic(self.site.listen, login("doctor", 0), PASSWORD)
        self.portal = Portal.of(self.topology)
        self.engineer, self.steward = (
            Region(self.topology.region.listen, role, PASSWORD, codes=codes(self.topology, role))
            for role in ("engineer", "steward")
        )
        self.patient: dict[str, str] = {}
        self.draft: dict[str, Any] = {}
        self.signers = {
            "doctor": Expected("doctor", snils=doctors(self.topology, self.site)[0].snils),
            "organization": Expected("organization", ogrn=self.organization.ogrn),
        }
        self.signed: list[Signed] = []
        self.bytes_signed = b""
        self.booked: list[str] = []

    def sign_in(self) -> None:
        self.doctor.sign_in()
        self.engineer.sign_in()
        self.steward.sign_in()

    def find_patient(self) -> str:
        everybody = self.doctor.patients()
        wanted = next(one for one in everybody if one["snils"])
        found = self.doctor.patients(f"{wanted['surname']} {wanted['given_name'][:2]}".lower().replace("ё", "е"))
        self.patient = next((one for one in found if one["id"] == wanted["id"]), {})
        require(bool(self.patient), f"{wanted['surname']} не найден / not found")
        return f"{len(found)} найдено / found"

    def preview(self) -> str:
        self.draft = self.doctor.preview(self.doctor.visit(self.patient["id"]))
        verdict = self.draft["verdict"]
        if verdict is None:
            return "правила не установлены / no rules installed"
        require(verdict["passed"], f"правила / rules: {verdict['findings']}")
        return f"правил проверено / rules checked: {verdict['rules_checked']}"

    def sign(self) -> str:
        self.signed.append(self.doctor.sign(self.draft["id"], self.draft["sha256"]))
        self.bytes_signed = self.doctor.http.get(f"/api/v1/documents/{self.draft['id']}/content").content
        require(digest(self.bytes_signed) == self.signed[0].sha256, "SHA-256 не тот / differs")
        return f"{len(self.bytes_signed)} байт / bytes"

    def find_in_registry(self) -> str:
        waited = self.await_registry(self.signed[-1:], 1.0)
        return f"через / after {1000 * waited:.0f} мс"

    def read_by_portal(self) -> str:
        snils, document = self.patient["snils"], self.signed[0]
        listed = wait(lambda: [d for d in self.portal.documents(snils) if d["id"] == document.id], 2.0)
        require(len(listed) == 1, "портал не видит документа / the portal does not list it")
        content = self.portal.content(snils, document.id)
        require(content == self.bytes_signed, "байты не те / bytes differ")
        trust = load_trust(self.topology.folder / self.topology.region.secrets / "trust")
        signatures = self.portal.signatures(snils, document.id)
        for role, signature in signatures:
            verify(content, signature, trust, self.signers[role], dt.datetime.now(dt.UTC))
        roles = sorted(role for role, _ in signatures)
        require(roles == ["doctor", "organization"], f"подписи / signatures: {roles}")
        return "байты и подписи точны / bytes and signatures exact"

    def find_doubts(self) -> str:
        """Check that the look-alikes came up from the sites and the doubtful ones are in the steward's queue."""
        asked = wait(lambda: max(self.steward.page("/steward").count("data-row") - DOUBTS + 1, 0), 20.0)
        require(asked > 0, f"вопросов меньше / fewer questions than {DOUBTS}")
        _, card = next(one for one in lookalikes() if one.name == "another keyboard layout").cards[1]
        birth_date = card.birth_date.isoformat()
        page = self.steward.search("/persons", surname=card.surname, given_name=card.given_name, birth_date=birth_date)
        require("связала бы сама" in page, "другая раскладка не узнана / the other layout is not recognised")
        return f"вопросов / questions: {asked + DOUBTS - 1}"

    def stop_hospital(self) -> None:
        self.supervisor.stop(f"{SITE}-web")
        self.supervisor.stop(self.site.server)

    def start_hospital(self) -> None:
        services = {one.name: one for one in (*database_services(self.laptop), *program_services(self.laptop))}
        self.supervisor.start(services[self.site.server])
        wait_for_databases(self.laptop, self.supervisor)
        self.supervisor.start(services[f"{SITE}-web"])
        wait_for_web(self.laptop)

    def find_audit_rows(self) -> str:
        place = self.topology.database_of(Place.RECORD, self.site)
        rows = 0
        for database in (self.topology.database_of(Place.REGISTRY), place):
            with connect(self.topology, database, "trustmed_auditor", "demo check") as connection:
                found = connection.execute(ACCESSES).rowcount
            require(found > 0, f"в журнале {database.label} пусто / no access row")
            rows += found
        return f"{rows} записей / rows"

    def cut_line(self) -> str:
        self.laptop.cut_file(SITE).touch()
        page = wait(lambda: CUT_TEXT in self.doctor.page("/patients").lower(), 15.0)
        require(bool(page), f"страница не говорит «{CUT_TEXT}» / the page does not say it")
        return f"«{CUT_TEXT}»"

    def sign_two_more(self) -> None:
        for number in (2, 3):
            self.signed.append(self.doctor.write_and_sign(self.patient["id"], f"Повторный осмотр {number}."))
        known = self.registered([one.id for one in self.signed[1:]])
        require(not known, "документы ушли по оборванной связи / they crossed a cut line")

    def restore_line(self) -> str:
        self.laptop.cut_file(SITE).unlink()
        waited = self.await_registry(self.signed[1:], 30.0)
        wanted = sorted(one.id for one in self.signed)
        wait(lambda: self.listed() == wanted, 2.0)
        require(self.listed() == wanted, f"портал / portal: {self.listed()}; ждали / expected: {wanted}")
        return f"по одному разу, через / once each, after {waited:.1f} с"

    def find_shared_slots(self) -> str:
        """Check that the clinic by itself has handed the region its share of first visits."""
        slots = wait(self._region_slots, 60.0)
        require(bool(slots), "у региона нет талонов / the region has no slots")
        return f"талонов у региона / slots of the region: {len(slots)}"

    def book_on_both_sides(self) -> str:
        """Book without a link: the clinic a slot of its own, the portal one of the region's, on different days."""
        ours = self.doctor.free(TODAY)[0]
        self.booked = [self.doctor.book(ours["id"], self.patient["id"])["id"]]
        theirs = [one for one in self._region_slots() if one["starts_at"][:10] != ours["starts_at"][:10]]
        made = self.portal.book(self.patient["snils"], self.organization.id, theirs[0]["slot_id"])
        self.booked.append(made["id"])
        known = {one["id"] for one in self.doctor.bookings(self.patient["id"])}
        require(made["id"] not in known, "запись прошла по оборванной связи / a booking crossed a cut line")
        return "клиника и портал / the clinic and the portal"

    def find_both_bookings(self) -> str:
        def seen() -> bool:
            here = {one["id"] for one in self.doctor.bookings(self.patient["id"])}
            there = {one["id"] for one in self.portal.bookings(self.patient["snils"])}
            return set(self.booked) <= here & there

        require(bool(wait(seen, 30.0)), "записи не разошлись / the bookings did not reach both sides")
        return "обе записи у клиники и у региона / both bookings at the clinic and at the region"

    def read_record(self) -> str:
        """Check that the clinic's doctor sees the region's record, with a diagnosis read out of a document."""
        page = wait(lambda: found if "J06.9" in (found := self.doctor.record(self.patient["id"])) else "", 20.0)
        said = " ".join(WARNING.findall(self.doctor.record(self.patient["id"])))
        require(bool(page), f"диагноза нет в карте региона / the diagnosis is not in the region's record. {said}")
        return "диагноз из документа / a diagnosis out of a document"

    def _region_slots(self) -> list[dict[str, Any]]:
        last = TODAY + dt.timedelta(days=13)
        return self.portal.free(self.patient["snils"], self.organization.id, TODAY, last)

    def listed(self) -> list[str]:
        """Return the ids of the documents signed here that the portal lists, a repeated one repeatedly."""
        ours = {one.id for one in self.signed}
        return sorted(d["id"] for d in self.portal.documents(self.patient["snils"]) if d["id"] in ours)

    def await_registry(self, documents: list[Signed], seconds: float) -> float:
        """Wait until the registry has all of them; return after how many seconds. Raises NotHeld past `seconds`."""
        begun = time.monotonic()
        identifiers = [one.id for one in documents]
        there = wait(lambda: len(self.registered(identifiers)) == len(identifiers), seconds)
        require(bool(there), f"в реестре нет за {seconds:g} с / not in the registry within {seconds:g} s")
        return time.monotonic() - begun

    def registered(self, identifiers: list[str]) -> list[str]:
        """Return which of the documents the region's registry lists."""
        known = [item["id"] for item in self.engineer.newest()]
        return [identifier for identifier in identifiers if identifier in known]


def scenario(laptop: Laptop, supervisor: Supervisor) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """Yield the steps in order, each a title and what to do."""
    s = Scenario(laptop, supervisor)
    yield "врач входит в больницу / a doctor signs in at the hospital", s.sign_in
    yield "находит пациента / finds a patient", s.find_patient
    yield "заполняет и просматривает протокол / fills and previews a protocol", s.preview
    yield "подписывает / signs", s.sign
    yield "реестр региона показывает за секунду / the registry shows it within a second", s.find_in_registry
    yield "портал: список, точные байты, подписи / portal: list, exact bytes, signatures", s.read_by_portal
    yield "стюарда ждут вопросы о похожих / questions about people alike await the steward", s.find_doubts
    yield "клиника передала региону его долю талонов / the clinic handed the region its share", s.find_shared_slots
    yield "карта региона видна врачу клиники / the clinic's doctor sees the region's record", s.read_record
    yield "больница остановлена: веб и база / the hospital is stopped: web and database", s.stop_hospital
    yield "портал читает из региона / the portal reads from the region", s.read_by_portal
    yield "каждое чтение в журнале / every read is in the audit log", s.find_audit_rows
    yield "больница снова работает / the hospital is back", s.start_hospital
    yield "связь оборвана, страница говорит об этом / the line is cut, the page says so", s.cut_line
    yield "два документа подписаны без связи / two documents signed without it", s.sign_two_more
    yield "запись с обеих сторон без связи / booked on both sides without it", s.book_on_both_sides
    yield "связь вернулась, оба дошли / the line is back, both arrived", s.restore_line
    yield "обе стороны видят обе записи / both sides see both bookings", s.find_both_bookings


def wait(look: Callable[[], Seen], seconds: float) -> Seen:
    """Look again until there is something or `seconds` are over; return what was seen last."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def require(holds: bool, otherwise: str) -> None:
    """Raise NotHeld with the text `otherwise` unless the promise holds."""
    if not holds:
        raise NotHeld(otherwise)
