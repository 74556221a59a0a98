"""A registrar enters a card that exists already: warned while typing, asked once before a duplicate is saved."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_site import PASSWORD, SiteStand

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("site", ["apart"], indirect=True)]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture
def page(browser: Browser, site: SiteStand, serve: Callable[[SharedApp], str], language: str) -> Iterator[Page]:
    """A page with the registrar signed in."""
    with signed_in_page(browser, serve(site.web), "registrar", PASSWORD, language=language) as page:
        expect(page.locator("#rows")).to_be_visible()
        yield page
    with site.admin() as connection:
        connection.execute("delete from mpi.patient where surname in ('Тютюнникова', 'Тютюникова')")


def fill_card(page: Page, surname: str) -> None:
    values = {"surname": surname, "given_name": "Евпраксия", "patronymic": "Саввична", "birth_date": "1961-04-12"}
    for name, value in values.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=sex]", "2")
    page.fill("[name=phone]", "+7 900 111-22-44")


def save(page: Page) -> None:
    page.locator("main form .btn-primary").click()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_duplicate_card_is_noticed_while_typing_and_asked_about(site: SiteStand, page: Page, language: str) -> None:
    words = {
        "ru": ("карта этого человека уже есть", "Это точно другой человек, сохранить", "по имени"),
        "en": ("have a card already", "Certainly another person, save", "given name"),
    }[language]
    page.goto("/patients/new")
    fill_card(page, "Тютюнникова")
    expect(page.locator("#similar")).to_be_empty()
    save(page)
    page.wait_for_url(re.compile("/patients/[0-9a-f-]{36}$"))
    card = page.url

    page.goto("/patients/new")
    fill_card(page, "Тютюникова")
    page.locator("[name=address]").focus()
    expect(page.locator("#similar .warning")).to_contain_text(words[0])
    expect(page.locator("#similar a")).to_have_attribute("href", re.compile(card.rpartition("/")[2]))
    shoot(page, f"similar-{language}")
    save(page)
    expect(page.locator("[role=alert]")).to_contain_text("Тютюнникова Евпраксия")
    expect(page.locator("[name=surname]")).to_have_value("Тютюникова")
    shoot(page, f"double-{language}")
    page.get_by_role("button", name=words[1]).click()
    page.wait_for_url(re.compile("/patients/[0-9a-f-]{36}$"))
    assert page.url != card
    expect(page.locator(".alike")).to_contain_text("Тютюнникова")
    shoot(page, f"card-with-alike-{language}")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"site-{name}.png", full_page=True)
