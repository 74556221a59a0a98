"""The region's overview in a real browser: states in words, a broken link with its action, documents as they come."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import answers, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_region import HOSPITAL, PASSWORD, POLYCLINIC, RegionStand
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
def page(browser: Browser, region: RegionStand, serve: Callable[[SharedApp], str], language: str) -> Iterator[Page]:
    """The overview with the engineer signed in; any error in the console fails the test."""
    settings: dict[str, Any] = {
        "viewport": {"width": 1440, "height": 1000},
        "locale": "en-GB" if language == "en" else "ru-RU",
        "is_complaint": lambda said: said.type == "error",
    }
    with signed_in_page(browser, serve(region.web), "engineer", PASSWORD, language=language, **settings) as page:
        yield page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_broken_link_is_shown_with_its_action_and_documents_appear_by_themselves(
    region: RegionStand, page: Page, language: str
):
    region.set_all_links_streaming()
    broken = next(number for number, link in enumerate(links(region.topology)) if link.site == "polyclinic")
    region.set_link_state(broken, "broken", **BROKEN)
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

    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice, HOSPITAL), HOSPITAL)
    region.sign(region.add_patient(alice, POLYCLINIC), POLYCLINIC)
    digest = sha256(signed.body).hexdigest()
    with answers(page, "/newest") as answered:
        expect(page.locator("#newest")).to_contain_text(digest[:8])
    # The page asks once a second. Answers are counted, not seconds of a busy machine; one may have been under way.
    assert sum(digest not in answer.text() for answer in answered) <= 1

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"region-overview-{language}.png", full_page=True)


@pytest.mark.parametrize("language", ["ru"])
def test_a_repaired_link_turns_good_without_reloading(region: RegionStand, page: Page, language: str):
    region.set_all_links_streaming()
    region.set_link_state(0, "broken", **BROKEN)
    expect(page.locator("table .state-bad")).to_have_count(1)
    region.set_link_state(0, "streaming")
    with answers(page, "/") as answered:
        expect(page.locator("table .state-bad")).to_have_count(0)
    assert sum("state-bad" in answer.text() for answer in answered) <= 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_documents_are_filtered_by_organisation(region: RegionStand, page: Page, language: str):
    alice = region.add_citizen()
    here = region.sign(region.add_patient(alice, HOSPITAL), HOSPITAL)
    page.goto("/documents")
    page.select_option("#organization", str(POLYCLINIC))
    page.click("main button")
    expect(page.locator("table")).not_to_contain_text(str(here.id))
    page.select_option("#organization", str(HOSPITAL))
    page.click("main button")
    expect(page.locator("table")).to_contain_text(str(here.id))
    page.screenshot(path=SCREENSHOTS / f"region-documents-{language}.png", full_page=True)
