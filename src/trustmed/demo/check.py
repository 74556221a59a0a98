"""The main scenario, walked by HTTP on a fresh region: `make demo-check`.

Each step says what must hold; the first that does not ends the walk.
"""

import datetime as dt
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
import typer

from trustmed.demo.calls import Clinic, Portal, Region, Signed, digest
from trustmed.demo.laptop import Laptop, database_services, erase, prepare, program_services
from trustmed.demo.lookalikes import lookalikes
from trustmed.demo.region import running, wait_for_databases, wait_for_web
from trustmed.demo.seed import PASSWORD, doctors, login
from trustmed.embedded.processes import Supervisor
from trustmed.errors import TrustMedError
from trustmed.schema import Place
from trustmed.signature.model import Expected
from trustmed.signature.trust import load_trust
from trustmed.signature.verify import verify
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Site
from trustmed.topology.secrets import secret

Seen = TypeVar("Seen")

SITE = "hospital"
WARNING = re.compile(r'class="warning"[^>]*>(.*?)</p>', re.DOTALL)
TODAY = dt.datetime.now().astimezone().date()
DOUBTS = 6  # look-alikes that only a person can decide about
CUT_TEXT = "нет связи с регионом, документы будут переданы"


class Step(msgspec.Struct, frozen=True):
    """One line of the report; `detail` is a figure or, where the step did not hold, the reason."""

    title: str
    held: bool
    milliseconds: float
    detail: str = ""


class Walk(msgspec.Struct, frozen=True):
    """The whole report."""

    steps: tuple[Step, ...]

    @property
    def held(self) -> bool:
        return all(step.held for step in self.steps)

    def json(self) -> str:
        steps = [msgspec.to_builtins(step) for step in self.steps]
        return json.dumps({"held": self.held, "steps": steps}, ensure_ascii=False, indent=2)

    def table(self) -> str:
        width = max(len(step.title) for step in self.steps)
        rows = [
            f"  {'✓' if step.held else '✗'} {step.title:<{width}} {step.milliseconds:>9.0f} мс  {step.detail}".rstrip()
            for step in self.steps
        ]
        verdict = "Всё выполнено / every step held" if self.held else "НЕ ВЫПОЛНЕНО / a step did not hold"
        return "\n".join([*rows, "", verdict])


class NotHeld(Exception):
    """A step's promise was broken; the text says how."""


def walk(folder: Path | None, *, quiet: bool = False) -> Walk:
    """Start a fresh region in `folder` (a temporary one, removed afterwards, if None), walk, stop."""
    here = folder or Path(tempfile.mkdtemp(prefix="trustmed-check-")) / "region"
    steps: list[Step] = []
    erase(here)
    try:
        _walk(prepare(here, fresh_ports=True), steps, quiet)
    finally:
        if folder is None:
            erase(here)
            here.parent.rmdir()
    return Walk(tuple(steps))


def _walk(laptop: Laptop, steps: list[Step], quiet: bool) -> None:
    def say(ru: str, en: str) -> None:
        if not quiet:
            typer.echo(f"… {ru} / {en}")

    begun = time.monotonic()
    try:
        with running(laptop, say) as supervisor:
            steps.append(Step("регион запущен / the region is up", True, 1000 * (time.monotonic() - begun)))
            for title, step in scenario(laptop, supervisor):
                if not _hold(title, step, steps):
                    return
    except TrustMedError as error:
        title = "регион запущен / the region is up"
        steps.append(Step(title, False, 1000 * (time.monotonic() - begun), f"{error.ru} / {error.en}"))


def _hold(title: str, step: Callable[[], str | None], steps: list[Step]) -> bool:
    begun = time.monotonic()
    try:
        detail, held = step() or "", True
    except (NotHeld, TrustMedError) as error:
        detail, held = str(error), False
    steps.append(Step(title, held, 1000 * (time.monotonic() - begun), detail))
    return held


class Scenario:
    """What the steps share: who acts, and the documents signed so far."""

    def __init__(self, laptop: Laptop, supervisor: Supervisor) -> None:
        self.laptop, self.supervisor = laptop, supervisor
        self.topology = laptop.topology
        self.site: Site = self.topology.site_named(SITE)
        self.organization = self.site.organization[0]
        self.doctor = Clinic(self.site.listen, login("doctor", 0), PASSWORD)
        self.portal = Portal(self.topology.region.listen, secret(self.topology, "portal", "token"))
        self.engineer = Region(self.topology.region.listen, "engineer", PASSWORD)
        self.steward = Region(self.topology.region.listen, "steward", PASSWORD)
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

    def in_registry(self) -> str:
        waited = self.await_registry(self.signed[-1:], 1.0)
        return f"через / after {1000 * waited:.0f} мс"

    def portal_reads(self) -> str:
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

    def doubts(self) -> str:
        """The look-alikes came up from the sites, and the doubtful ones are in the steward's queue."""
        asked = wait(lambda: max(self.steward.page("/steward").count("data-row") - DOUBTS + 1, 0), 20.0)
        require(asked > 0, f"вопросов меньше / fewer questions than {DOUBTS}")
        _, card = next(one for one in lookalikes() if one.name == "another keyboard layout").cards[1]
        query = {"surname": card.surname, "given_name": card.given_name, "birth_date": card.birth_date}
        page = self.steward.page(f"/persons?{urlencode(query)}")
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

    def audited(self) -> str:
        place = self.topology.database_of(Place.RECORD, self.site)
        rows = 0
        for database in (self.topology.database_of(Place.REGISTRY), place):
            with connect(self.topology, database, "trustmed_monitor", "demo check") as connection:
                row = connection.execute(
                    "select count(*) from audit.access where channel = 'portal' and ground = 'own'"
                    " and outcome = 'granted' and person_id is not null"
                ).fetchone()
            require(row is not None and row[0] > 0, f"в журнале {database.label} пусто / no access row")
            rows += row[0] if row else 0
        return f"{rows} записей / rows"

    def cut(self) -> str:
        self.laptop.cut_file(SITE).touch()
        page = wait(lambda: CUT_TEXT in self.doctor.page("/patients").lower(), 15.0)
        require(bool(page), f"страница не говорит «{CUT_TEXT}» / the page does not say it")
        return f"«{CUT_TEXT}»"

    def sign_two_more(self) -> None:
        for number in (2, 3):
            self.signed.append(self.doctor.write_and_sign(self.patient["id"], f"Повторный осмотр {number}."))
        known = self.registered([one.id for one in self.signed[1:]])
        require(not known, "документы ушли по оборванной связи / they crossed a cut line")

    def restore(self) -> str:
        self.laptop.cut_file(SITE).unlink()
        waited = self.await_registry(self.signed[1:], 30.0)
        wanted = sorted(one.id for one in self.signed)
        wait(lambda: self.listed() == wanted, 2.0)
        require(self.listed() == wanted, f"портал / portal: {self.listed()}; ждали / expected: {wanted}")
        return f"по одному разу, через / once each, after {waited:.1f} с"

    def shared(self) -> str:
        """The clinic has handed the region its share of first visits by itself."""
        slots = wait(self._region_slots, 60.0)
        require(bool(slots), "у региона нет талонов / the region has no slots")
        return f"талонов у региона / slots of the region: {len(slots)}"

    def book_apart(self) -> str:
        """Without a link, the clinic books a slot of its own and the portal one of the region's, on other days."""
        ours = self.doctor.free(TODAY)[0]
        self.booked = [self.doctor.book(ours["id"], self.patient["id"])["id"]]
        theirs = [one for one in self._region_slots() if one["starts_at"][:10] != ours["starts_at"][:10]]
        made = self.portal.book(self.patient["snils"], self.organization.id, theirs[0]["slot_id"])
        self.booked.append(made["id"])
        known = {one["id"] for one in self.doctor.bookings(self.patient["id"])}
        require(made["id"] not in known, "запись прошла по оборванной связи / a booking crossed a cut line")
        return "клиника и портал / the clinic and the portal"

    def both_known(self) -> str:
        def seen() -> bool:
            here = {one["id"] for one in self.doctor.bookings(self.patient["id"])}
            there = {one["id"] for one in self.portal.bookings(self.patient["snils"])}
            return set(self.booked) <= here & there

        require(bool(wait(seen, 30.0)), "записи не разошлись / the bookings did not reach both sides")
        return "обе записи у клиники и у региона / both bookings at the clinic and at the region"

    def record(self) -> str:
        """The clinic's doctor sees what the region has gathered of the patient, diagnoses read out of documents too."""
        page = wait(lambda: found if "J06.9" in (found := self.doctor.record(self.patient["id"])) else "", 20.0)
        said = " ".join(WARNING.findall(self.doctor.record(self.patient["id"])))
        require(bool(page), f"диагноза нет в карте региона / the diagnosis is not in the region's record. {said}")
        return "диагноз из документа / a diagnosis out of a document"

    def _region_slots(self) -> list[dict[str, Any]]:
        last = TODAY + dt.timedelta(days=13)
        return self.portal.free(self.patient["snils"], self.organization.id, TODAY, last)

    def listed(self) -> list[str]:
        """What the portal lists of the documents signed here, each as often as it is there."""
        ours = {one.id for one in self.signed}
        return sorted(d["id"] for d in self.portal.documents(self.patient["snils"]) if d["id"] in ours)

    def await_registry(self, documents: list[Signed], seconds: float) -> float:
        """Seconds until the registry holds all of them. Raises NotHeld past `seconds`."""
        begun = time.monotonic()
        identifiers = [one.id for one in documents]
        there = wait(lambda: len(self.registered(identifiers)) == len(identifiers), seconds)
        require(bool(there), f"в реестре нет за {seconds:g} с / not in the registry within {seconds:g} s")
        return time.monotonic() - begun

    def registered(self, identifiers: list[str]) -> list[str]:
        """Which of the documents the region's registry lists, by its interface."""
        known = [item["id"] for item in self.engineer.newest()]
        return [identifier for identifier in identifiers if identifier in known]


def scenario(laptop: Laptop, supervisor: Supervisor) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """The steps in order: title and what to do; a step raises if its promise does not hold."""
    s = Scenario(laptop, supervisor)
    yield "врач входит в больницу / a doctor signs in at the hospital", s.sign_in
    yield "находит пациента / finds a patient", s.find_patient
    yield "заполняет и просматривает протокол / fills and previews a protocol", s.preview
    yield "подписывает / signs", s.sign
    yield "реестр региона показывает за секунду / the registry shows it within a second", s.in_registry
    yield "портал: список, точные байты, подписи / portal: list, exact bytes, signatures", s.portal_reads
    yield "стюарда ждут вопросы о похожих / questions about people alike await the steward", s.doubts
    yield "клиника передала региону его долю талонов / the clinic handed the region its share", s.shared
    yield "карта региона видна врачу клиники / the clinic's doctor sees the region's record", s.record
    yield "больница остановлена: веб и база / the hospital is stopped: web and database", s.stop_hospital
    yield "портал читает из региона / the portal reads from the region", s.portal_reads
    yield "каждое чтение в журнале / every read is in the audit log", s.audited
    yield "больница снова работает / the hospital is back", s.start_hospital
    yield "связь оборвана, страница говорит об этом / the line is cut, the page says so", s.cut
    yield "два документа подписаны без связи / two documents signed without it", s.sign_two_more
    yield "запись с обеих сторон без связи / booked on both sides without it", s.book_apart
    yield "связь вернулась, оба дошли / the line is back, both arrived", s.restore
    yield "обе стороны видят обе записи / both sides see both bookings", s.both_known


def wait(look: Callable[[], Seen], seconds: float) -> Seen:
    """Look until there is something or `seconds` are over; the last sight."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotHeld(otherwise)
