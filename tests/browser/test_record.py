"""The record's pages in a real browser: finding a person, giving a reason, reading, filtering, missing parts."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_region import HOSPITAL, PASSWORD, POLYCLINIC, Citizen, RegionStand
from tests.integration.region.record.conftest import NOW, Patient, add_alice, add_patient_of
from tests.semd_samples import build, full
from trustmed.schema import Place

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
REASON = "Без сознания, нужен список аллергий"


@pytest.fixture
def alice(region: RegionStand) -> Citizen:
    """A citizen with events in both shards."""
    citizen = add_alice(region)
    hospital, polyclinic = add_patient_of(region, citizen, HOSPITAL), add_patient_of(region, citizen, POLYCLINIC)
    hospital.add_visit(days_ago=2, doctor="Тестова Анна Петровна")
    hospital.add_fact("vital", "Артериальное давление", days_ago=2, value="180/110", unit="мм рт. ст.", abnormal=True)
    hospital.add_fact("diagnosis", "Гипертоническая болезнь", days_ago=2, code="I11.9", text="Основной диагноз")
    polyclinic.add_fact("allergy", "Пенициллин", days_ago=400, text="Отёк Квинке")
    polyclinic.add_fact("diagnosis", "ОРВИ", days_ago=30, code="J06.9", until=NOW - timedelta(days=20))
    polyclinic.add_visit(days_ago=30, doctor="Пробов Иван Иванович")
    region.sign(hospital.id, HOSPITAL, created_at=NOW - timedelta(days=2), body=build(full()))
    return citizen


@pytest.fixture
def address(region: RegionStand, serve: Callable[[SharedApp], str]) -> str:
    return serve(region.web)


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def page(browser: Browser, address: str, language: str) -> Iterator[Page]:
    """A page with the physician signed in."""
    with signed_in_page(browser, address, "physician", PASSWORD, language=language) as page:
        yield page


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=SCREENSHOTS / f"record-{name}-{width}.png", full_page=True)
        assert wide <= width, f"{name} is {wide} wide at {width}"
    page.set_viewport_size({"width": 1280, "height": 900})


def open_record(page: Page, citizen: Citizen) -> None:
    page.goto("/record")
    page.fill("input[name=number]", citizen.snils)
    page.keyboard.press("Enter")
    page.locator(".found a").first.click()
    page.check("input[value=break_glass]")
    page.fill("textarea[name=reason]", REASON)
    page.click("main form button")
    expect(page.locator(".timeline")).to_be_visible()


def test_a_physician_finds_a_person_gives_a_reason_and_reads(
    region: RegionStand, page: Page, language: str, alice: Citizen
) -> None:
    words = {
        "ru": ("Карта не открыта", "Аллергии", "в регионе с"),
        "en": ("not opened", "Allergies", "at the region since"),
    }[language]
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/record$"))
    page.fill("input[name=number]", alice.snils)
    page.keyboard.press("Enter")
    expect(page.locator(".found li")).to_have_count(1)
    shoot(page, f"found-{language}")
    page.locator(".found a").first.click()
    page.click("main form button")  # consent: there is none
    expect(page.locator(".refusal")).to_contain_text(words[0])
    page.check("input[value=break_glass]")
    page.fill("textarea[name=reason]", "надо")
    page.click("main form button")
    expect(page.locator(".refusal")).to_contain_text(words[0])
    shoot(page, f"ground-{language}")
    page.fill("textarea[name=reason]", REASON)
    page.click("main form button")
    expect(page.locator(".stands-bad")).to_contain_text("Пенициллин")
    expect(page.locator(".stands-bad h2")).to_have_text(words[1])
    expect(page.locator(".stands-wait")).to_contain_text("Гипертоническая болезнь")
    expect(page.locator(".stands-wait")).not_to_contain_text("ОРВИ")
    expect(page.locator(".event")).to_have_count(7)
    expect(page.locator(".event").first).to_contain_text(words[2])
    expect(page.locator(".gaps")).to_have_count(0)
    shoot(page, f"timeline-{language}")
    rows = [row for row in region.audit() if row[2] == alice.id and row[0] == "record:timeline:read"]
    assert [row[1] for row in rows] == ["refused", "refused", "granted"]
    assert rows[-1][4:] == ("Врач СМП", "break_glass", REASON)


def test_events_are_filtered_and_a_document_is_opened(region: RegionStand, page: Page, alice: Citizen) -> None:
    open_record(page, alice)
    page.locator(".filters-card summary").click()
    page.check("input[value=diagnosis]")
    page.click(".filters-card button")
    expect(page.locator(".event")).to_have_count(2)
    page.select_option("select[name=organization]", str(POLYCLINIC))
    page.click(".filters-card button")
    expect(page.locator(".event")).to_have_count(1)
    page.fill("input[name=text]", "гипертон")
    page.click(".filters-card button")
    expect(page.locator(".empty-list")).to_be_visible()
    page.goto(page.url.split("?")[0])
    page.locator(".filters-card summary").click()
    page.check("input[value=document]")
    page.click(".filters-card button")
    expect(page.locator(".event")).to_have_count(1)
    page.locator(".event a").first.click()
    expect(page.locator("article.semd")).to_be_visible()
    read = [row[0] for row in region.audit(Place.RECORD) if row[2] == alice.id]
    assert read.count("record:body:read") == 1


def test_missing_parts_of_a_record_are_named_on_the_page(
    region: RegionStand, page: Page, language: str, alice: Citizen
) -> None:
    words = {"ru": "Карта неполная.", "en": "The record is incomplete."}[language]
    open_record(page, alice)
    with region.stopped("apart"):
        page.reload()
        expect(page.locator(".gaps")).to_contain_text(words)
        expect(page.locator(".gaps")).to_contain_text("apart_record2")
        expect(page.locator(".gaps")).to_contain_text("polyclinic")
        expect(page.locator(".event")).to_have_count(4)
        shoot(page, f"partial-{language}")


def test_a_ground_opens_the_record_of_one_person_alone(region: RegionStand, page: Page, alice: Citizen) -> None:
    open_record(page, alice)
    other = add_alice(region)
    Patient(region, other, HOSPITAL, region.add_patient(other)).add_visit()
    page.goto(f"/record/{other.id}")
    expect(page.locator("textarea[name=reason]")).to_be_visible()
    expect(page.locator(".timeline")).to_have_count(0)
