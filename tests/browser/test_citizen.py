"""The citizen's page in a real browser: opened from the portal by a one-time address, on a phone and on a desk."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import fits, watched_page
from tests.citizens import present, token
from tests.fix_apps import SharedApp
from tests.fix_region import POLYCLINIC, TOKEN, Citizen, RegionStand
from tests.integration.region.disclosures.conftest import add_consent, add_reading

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]
REASON = "Пациент без сознания, нужны сведения об аллергии и постоянно принимаемых лекарствах"
WORDS = {
    "ru": ("Кто смотрел вашу карту", "экстренный доступ", "Показать", "Более ранние", "бессрочно", "отозвано"),
    "en": ("Who looked into your record", "emergency access", "Show", "Earlier", "without an end", "revoked"),
}


@pytest.fixture
def alice(region: RegionStand) -> Citizen:
    """A citizen whose record was read in two clinics, once in an emergency, and who gave two consents."""
    citizen = region.add_citizen()
    hospital, polyclinic = region.add_patient(citizen), region.add_patient(citizen, POLYCLINIC)
    now = datetime.now(UTC)
    for number in range(52):
        at = now - timedelta(days=2, minutes=number)
        add_reading(region, hospital, at=at, who="Константинопольская Александра Владиславовна")
    late = now - timedelta(hours=3)
    add_reading(
        region, polyclinic, POLYCLINIC, at=late, who="Иванов Иван Иванович", ground="break_glass", detail=REASON
    )
    add_consent(region, hospital)
    add_consent(region, polyclinic, POLYCLINIC, days=300, revoked=True)
    return citizen


@pytest.fixture
def address(region: RegionStand, serve: Callable[[SharedApp], str]) -> str:
    return serve(region.web)


def one_time_address(address: str, citizen: Citizen, language: str) -> str:
    """Ask for the citizen's one-time address, as the portal does."""
    asks = present("POST", f"{address}/portal/v1/views", token(citizen.snils))
    headers = {"authorization": f"Bearer {TOKEN}", **asks}
    asked = {"page": "accesses", "language": language}
    answer = httpx.post(f"{address}/portal/v1/views", json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["address"]


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched_page(browser, address) as page:
        yield page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_citizen_reads_who_looked_into_their_record(
    page: Page, address: str, alice: Citizen, screenshots: Path, language: str
) -> None:
    title, glass, show, earlier, endless, revoked = WORDS[language]
    page.goto(one_time_address(address, alice, language))
    expect(page.locator("h1")).to_have_text(title)
    assert page.url == f"{address}/citizen/accesses"
    expect(page.locator(".look")).to_have_count(50)
    expect(page.locator(".look.own")).to_have_count(1)
    expect(page.locator(".look.glass")).to_contain_text(REASON)
    expect(page.locator(".look.glass .state")).to_have_text(glass)
    expect(page.locator(".consents li").nth(0)).to_contain_text(endless)
    expect(page.locator(".consents li").nth(1)).to_contain_text(revoked)
    shoot(page, screenshots, f"citizen-{language}")
    page.get_by_role("link", name=earlier).click()
    expect(page.locator(".look")).to_have_count(4)  # 52 + 1 + this opening, less the 50 of the page before
    page.goto(f"{address}/citizen/accesses")
    page.locator("[name=only]").check()
    page.get_by_role("button", name=show).click()
    expect(page.locator(".look")).to_have_count(1)
    page.locator("[name=until]").fill("2020-01-01")
    page.get_by_role("button", name=show).click()
    expect(page.locator(".look")).to_have_count(0)
    expect(page.locator("[name=until]")).to_have_value("2020-01-01")
    expect(page.locator("[name=only]")).to_be_checked()
    page.locator(".narrowing a").click()
    expect(page.locator(".look")).to_have_count(50)


def test_a_part_of_the_region_that_is_down_is_named(
    region: RegionStand, page: Page, address: str, alice: Citizen, screenshots: Path
) -> None:
    page.goto(one_time_address(address, alice, "ru"))
    with region.stopped("apart"):
        page.reload()
        expect(page.locator(".warning").first).to_contain_text("polyclinic")
        expect(page.locator(".look.glass")).to_have_count(0)
        expect(page.locator(".consents li")).to_have_count(1)
        shoot(page, screenshots, "citizen-part-down")


def test_the_one_time_address_works_once(page: Page, address: str, alice: Citizen, screenshots: Path) -> None:
    link = one_time_address(address, alice, "ru")
    page.goto(link)
    page.context.clear_cookies()
    answer = page.goto(link)
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main")).to_contain_text("Вернитесь на портал")
    shoot(page, screenshots, "citizen-spent")


def shoot(page: Page, screenshots: Path, name: str) -> None:
    """Take pictures on a desk and on a phone, where nothing may stick out."""
    page.screenshot(path=screenshots / f"{name}.png")
    assert fits(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    page.screenshot(path=screenshots / f"{name}-390.png")
    page.screenshot(path=screenshots / f"{name}-390-full.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
