"""The region's overview in a real browser: states in words, a broken link with its action, documents as they come."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import served
from tests.fix_region import HOSPITAL, PASSWORD, POLYCLINIC, RegionStand
from trustmed.programs.region_web import create_app
from trustmed.topology.links import links

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]
SCREENSHOTS = Path("build/screenshots")
BROKEN = {
    "cause": "wrong_password",
    "lag_ms": None,
    "lag_bytes": 183_500,
    "lag_rows": 41,
    "error_ru": "Сервер площадки не принимает пароль роли trustmed_link: password authentication failed.",
    "error_en": "The site's server refuses the password of role trustmed_link: password authentication failed.",
    "action_ru": "Выполните trustmed topology repair polyclinic: пароль будет записан на обоих концах заново.",
    "action_en": "Run trustmed topology repair polyclinic: the password is written at both ends anew.",
}


@pytest.fixture
def address(region: RegionStand) -> Iterator[str]:
    """Where the region's application is served."""
    with served(create_app(region.topology)) as found:
        yield found


@pytest.fixture
def page(browser: Browser, address: str, language: str) -> Iterator[Page]:
    """The overview, the engineer signed in; what the browser complains about fails the test."""
    complaints: list[str] = []
    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 1000}, locale="en-GB" if language == "en" else "ru-RU"
    )
    context.add_cookies([{"name": "trustmed_language", "value": language, "url": address}])
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    page.fill("input[name=login]", "engineer")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_broken_link_is_seen_with_its_action_and_documents_come_by_themselves(
    region: RegionStand, page: Page, language: str
):
    region.calm()
    broken = next(number for number, link in enumerate(links(region.topology)) if link.site == "polyclinic")
    region.link_state(broken, "broken", **BROKEN)
    page.reload()
    words = {
        "ru": ("Требует внимания", "сломана", "Новые документы"),
        "en": ("Needs attention", "broken", "New documents"),
    }
    attention, state, heading = words[language]
    expect(page.get_by_role("region", name=attention)).to_contain_text(str(BROKEN[f"action_{language}"]))
    expect(page.locator("table .state-bad")).to_have_text(state)
    expect(page.locator("svg .wire-bad")).to_have_count(1)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()

    alice = region.citizen()
    signed = region.sign(region.patient(alice, HOSPITAL), HOSPITAL)
    region.sign(region.patient(alice, POLYCLINIC), POLYCLINIC)
    expect(page.locator("#newest")).to_contain_text(sha256(signed.body).hexdigest()[:8], timeout=2500)

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"region-overview-{language}.png", full_page=True)


@pytest.mark.parametrize("language", ["ru"])
def test_a_repaired_link_turns_good_without_reloading(region: RegionStand, page: Page, language: str):
    region.calm()
    region.link_state(0, "broken", **BROKEN)
    expect(page.locator("table .state-bad")).to_have_count(1, timeout=5000)
    region.link_state(0, "streaming")
    expect(page.locator("table .state-bad")).to_have_count(0, timeout=5000)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_documents_are_chosen_by_organisation(region: RegionStand, page: Page, language: str):
    alice = region.citizen()
    here = region.sign(region.patient(alice, HOSPITAL), HOSPITAL)
    page.goto("/documents")
    page.select_option("#organization", str(POLYCLINIC))
    page.click("main button")
    expect(page.locator("table")).not_to_contain_text(str(here.id))
    page.select_option("#organization", str(HOSPITAL))
    page.click("main button")
    expect(page.locator("table")).to_contain_text(str(here.id))
    page.screenshot(path=SCREENSHOTS / f"region-documents-{language}.png", full_page=True)
