"""The main scenario by pages, in a real browser, on a whole region of real servers."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import answers
from trustmed.demo.calls import Portal, digest
from trustmed.demo.content.phone import code_now
from trustmed.demo.content.seed import PASSWORD
from trustmed.demo.laptop import Laptop, erase, prepare
from trustmed.demo.region import running

SNILS = re.compile(r"\d{3}-\d{3}-\d{3} \d{2}")
CUT = "Нет связи с регионом, документы будут переданы"

pytestmark = [pytest.mark.region, pytest.mark.chromium, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    prepared = prepare(tmp_path_factory.mktemp("laptop") / "region", fresh_ports=True)
    with running(prepared, lambda ru, en: print(en)):
        yield prepared
    erase(prepared.folder)


def open_signed_in(browser: Browser, laptop: Laptop, address: str, login: str) -> Page:
    page = browser.new_page(base_url=f"http://{address}", locale="ru-RU", viewport={"width": 1440, "height": 1000})
    page.goto("/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    expect(page).not_to_have_url(re.compile(r"/sign-in(\?|$)"))
    if page.url.endswith("/sign-in/code"):
        page.fill("[name=code]", code_now(laptop.topology, login))
        page.click("main button")
    return page


def open_first_patient(page: Page) -> str:
    """Open the first patient; return their СНИЛС, digits only."""
    page.goto("/patients")
    page.locator("#rows a").first.click()
    expect(page.locator("#papers")).to_be_visible()
    found = SNILS.search(page.inner_text("main"))
    assert found, "the patient's page shows no СНИЛС"
    return re.sub(r"\D", "", found[0])


def sign_a_protocol(page: Page) -> str:
    """Go from a patient's page to a signed document by every button; return the document's SHA-256 in hex."""
    page.get_by_role("button", name="Начать визит").click()
    page.get_by_role("button", name="Протокол консультации").click()
    for name, text in {
        "complaints": "Кашель, температура 37,8.",
        "disease_history": "Болен второй день.",
        "life_history": "Без особенностей.",
        "objective_status": "Зев гиперемирован, хрипов нет.",
        "conclusion": "Острая респираторная инфекция.",
        "recommendations": "Покой, обильное питьё.",
        "diagnosis0_icd": "J06.9",
    }.items():
        page.fill(f"[name={name}]", text)
    page.get_by_role("button", name="Сформировать и посмотреть").click()
    expect(page.locator(".paper")).to_contain_text("Острая респираторная инфекция.")
    page.locator("form:has([value=software]) button").click()
    expect(page.locator(".done")).to_have_text("Документ подписан.")
    found = re.search(r"\b[0-9a-f]{64}\b", page.content())
    assert found, "the document's page shows no SHA-256"
    return found[0]


def test_a_signed_protocol_is_on_the_regions_page_and_in_the_portal(
    laptop: Laptop, browser: Browser, screenshots: Path
) -> None:
    region = open_signed_in(browser, laptop, laptop.topology.region.listen, "engineer")
    expect(region.locator("ol.newest")).to_be_visible()
    hospital = open_signed_in(browser, laptop, laptop.topology.site_named("hospital").listen, "doctor")
    snils = open_first_patient(hospital)
    sha256 = sign_a_protocol(hospital)
    with closing(Portal.of(laptop.topology)) as portal:
        deadline = time.monotonic() + 30
        while not (found := [item for item in portal.documents(snils) if item["sha256"] == sha256]):
            assert time.monotonic() < deadline, "the document never came to the registry"
            time.sleep(0.05)
        assert digest(portal.content(snils, found[0]["id"])) == sha256
    # The page asks once a second; its first request after the registry has the document must bring it.
    with answers(region, "/newest") as answered:
        expect(region.locator(f"ol.newest code[title='{sha256}']")).to_be_visible()
    assert sum(sha256 not in answer.text() for answer in answered) <= 1
    region.screenshot(path=screenshots / "scenario-region.png", full_page=True)


def test_the_page_says_that_the_line_is_cut_and_that_it_is_back(
    laptop: Laptop, browser: Browser, screenshots: Path
) -> None:
    hospital = open_signed_in(browser, laptop, laptop.topology.site_named("hospital").listen, "doctor")
    laptop.cut_file("hospital").touch()
    reload_until(hospital, CUT)
    open_first_patient(hospital)
    sign_a_protocol(hospital)
    open_first_patient(hospital)
    expect(hospital.locator("#papers .state").first).to_have_text("ждёт передачи")
    hospital.screenshot(path=screenshots / "scenario-cut.png", full_page=True)
    laptop.cut_file("hospital").unlink()
    deadline = time.monotonic() + 60
    while hospital.locator("#papers .state").first.inner_text() != "передан в регион":
        assert time.monotonic() < deadline, "the document was never handed over"
        time.sleep(0.3)
        hospital.reload()
    expect(hospital.locator("body")).not_to_contain_text(CUT)


def test_a_site_shows_the_regions_record_and_without_the_line_its_own_part(
    laptop: Laptop, browser: Browser, screenshots: Path
) -> None:
    hospital = open_signed_in(browser, laptop, laptop.topology.site_named("hospital").listen, "doctor")
    open_first_patient(hospital)
    sha256 = sign_a_protocol(hospital)
    open_first_patient(hospital)
    hospital.get_by_role("link", name="Карта региона").click()
    expect(hospital.locator("h1")).to_have_text("Карта региона")
    # What a doctor alone stands for opens a part; the whole opens once the desk has noted that the patient came.
    expect(hospital.locator(".whose .state")).to_have_text("открыта часть: визит без записи")
    registrar = open_signed_in(browser, laptop, laptop.topology.site_named("hospital").listen, "registrar")
    open_first_patient(registrar)
    registrar.get_by_role("button", name="Отметить приход").first.click()
    reload_until(hospital, "открыта: пациент лечится здесь")
    # The facts of the protocol come from the region, with the time they arrived there.
    reload_until(hospital, "J06.9")
    diagnosis = hospital.locator(".event-diagnosis", has_text="J06.9").first
    expect(diagnosis).to_contain_text("в регионе с")
    hospital.screenshot(path=screenshots / "record-site.png", full_page=True)
    hospital.get_by_label("Вид").select_option("diagnosis")
    hospital.get_by_role("button", name="Показать").click()
    expect(hospital.locator(".event")).to_have_count(hospital.locator(".event-diagnosis").count())
    diagnosis.get_by_role("link").click()
    expect(hospital.locator("body")).to_contain_text(sha256[:8])

    laptop.cut_file("hospital").touch()
    open_first_patient(hospital)
    hospital.get_by_role("link", name="Карта региона").click()
    reload_until(hospital, "Показано только то, что есть в этой клинике.")
    expect(hospital.locator(".event-document").first).to_be_visible()
    hospital.screenshot(path=screenshots / "record-site-cut.png", full_page=True)
    laptop.cut_file("hospital").unlink()
    reload_until(hospital, "J06.9")


def test_both_sides_book_without_the_line_and_then_know_both_bookings(
    laptop: Laptop, browser: Browser, screenshots: Path
) -> None:
    registrar = open_signed_in(browser, laptop, laptop.topology.site_named("hospital").listen, "registrar")
    operator = open_signed_in(browser, laptop, laptop.topology.region.listen, "operator")
    registrar.goto("/patients")
    row = registrar.locator("#rows tr", has_text=SNILS).nth(3)
    found = SNILS.search(row.inner_text())
    assert found
    row.locator("a").first.click()
    expect(registrar.locator("a[href^='/schedule?patient=']")).to_be_visible()
    patient = registrar.url
    laptop.cut_file("hospital").touch()
    reload_until(registrar, CUT)

    registrar.goto(f"/schedule/free?patient={patient.rpartition('/')[2]}")
    registrar.locator("main a[href^='/slots/']").first.click()
    registrar.get_by_role("button", name="Записать", exact=True).click()
    expect(registrar.locator(".done")).to_have_text("Пациент записан.")

    operator.fill("input[name=number]", found[0])
    operator.keyboard.press("Enter")
    operator.locator(".found-person").click()
    expect(operator.locator("main")).not_to_contain_text("регистратура")
    operator.locator("select[name=speciality]").select_option(index=1)
    hospital = laptop.topology.site_named("hospital").organization[0].id
    choose_last_slot(operator, hospital)
    operator.locator("#book button.btn-primary").click()
    expect(operator.locator(".booked, .done").first).to_be_visible()
    operator.screenshot(path=screenshots / "scenario-booked-apart.png", full_page=True)
    registrar.goto(patient)
    expect(registrar.locator("a[href^='/bookings/']")).to_have_count(1)

    laptop.cut_file("hospital").unlink()
    deadline = time.monotonic() + 60
    while (here := registrar.locator("a[href^='/bookings/']").count()) < 2:
        assert time.monotonic() < deadline, f"the clinic knows {here} bookings"
        time.sleep(0.3)
        registrar.reload()
    registrar.screenshot(path=screenshots / "scenario-both-site.png", full_page=True)
    operator.goto(operator.url.partition("?")[0])
    reload_until(operator, "регистратура")
    operator.screenshot(path=screenshots / "scenario-both-region.png", full_page=True)


def choose_last_slot(operator: Page, organization_id: int) -> None:
    """Choose the clinic, the last day that has free time, and its last slot."""
    operator.locator(f"label:has(#clinic-{organization_id})").click()
    expect(operator.locator("input[form=book][name=clinic]")).to_have_value(str(organization_id))
    # A day other than the clinic's: the region does not know yet what the clinic booked.
    day = operator.locator(".day:not(.day-empty)").last
    date = day.locator("input").input_value()
    day.click()
    expect(operator.locator("input[form=book][name=day]")).to_have_value(date)  # its slots have come
    operator.locator(f".slot[data-slot^='{organization_id}.']").last.click()


def reload_until(page: Page, text: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while text.lower() not in page.inner_text("body").lower():
        assert time.monotonic() < deadline, f"the page never said: {text}"
        time.sleep(0.3)
        page.reload()
