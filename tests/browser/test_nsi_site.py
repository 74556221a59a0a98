"""Dictionaries at a site in a real browser: search as you type, the tree, another day, the diagnosis field."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import fits, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_site import PASSWORD, SiteStand
from tests.integration.nsi.shelf import ILLNESSES, store_shelf

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("site", ["together"], indirect=True)]


@pytest.fixture
def address(site: SiteStand, serve: Callable[[SharedApp], str]) -> str:
    """Serve a site that has no region at all: every search is answered by its own database."""
    with site.admin() as connection:
        store_shelf(connection)
    return serve(site.web)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with signed_in_page(browser, address, "doctor", PASSWORD) as opened:
        yield opened


def test_a_search_understands_the_wrong_layout_while_it_is_typed(page: Page, screenshots: Path) -> None:
    page.get_by_role("link", name="Справочники").click()
    expect(page.locator("h1")).to_have_text("Поиск в справочниках")
    page.locator("[name=q]").press_sequentially("rfhlbjkju ghj,")
    expect(page.locator(".read-as b")).to_have_text("кардиолог проб")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page.locator("#found tbody .of")).to_contain_text("Пробные должности")
    page.screenshot(path=screenshots / "nsi-site-ru-1-layout.png", full_page=True)
    page.locator("[name=oid]").select_option(ILLNESSES)
    expect(page.locator(".empty-list")).to_be_visible()
    page.locator("[name=q]").fill("а50")
    expect(page.locator("#found tbody .code")).to_have_text(["F50"])


def test_the_tree_leads_down_to_a_card(page: Page, screenshots: Path) -> None:
    page.goto(f"/nsi?oid={ILLNESSES}")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    for opened in ("БОЛЕЗНИ ПРОБНЫЕ", "ПРОБНЫЕ ЛИХОРАДКИ", "Лихорадка зелёная"):
        page.get_by_role("link", name=f"Вложенные записи: {opened}").click()
    expect(page.locator(".path")).to_contain_text("Q00-Q09 ПРОБНЫЕ ЛИХОРАДКИ")
    page.get_by_role("link", name="Лихорадка зелёная, острая форма").click()
    expect(page.locator("h1 .code")).to_have_text("Q00.1")
    expect(page.locator("dl.columns")).to_contain_text("Наименование болезни")
    page.screenshot(path=screenshots / "nsi-site-ru-2-card.png", full_page=True)
    page.locator(".versions").get_by_role("link", name="1.0").click()
    expect(page.locator("h1")).to_contain_text("Лихорадка зелёная острая")


def test_another_day_shows_another_version(page: Page) -> None:
    page.goto(f"/nsi?oid={ILLNESSES}")
    page.locator("[name=q]").fill("острая")
    expect(page.locator("#found tbody .name")).to_have_text("Лихорадка зелёная, острая форма")
    page.locator("[name=on]").fill("2023-05-01")
    expect(page.locator("#found tbody .name")).to_have_text("Лихорадка зелёная острая")
    expect(page.locator(".edition")).to_contain_text("версия 1.0")
    expect(page.locator(".edition")).to_contain_text("ещё ничего не публиковали")


def test_pages_in_english_fit_a_narrow_screen(browser: Browser, address: str, screenshots: Path) -> None:
    with signed_in_page(browser, address, "head", PASSWORD, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"/language/en?back=/nsi?oid={ILLNESSES}%26q=лих")
        page.goto(f"/nsi?oid={ILLNESSES}&q=лих")
        expect(page.locator("h1")).to_have_text("Search in dictionaries")
        expect(page.locator(".past .state")).to_have_text("not in use")
        assert fits(page)
        page.screenshot(path=screenshots / "nsi-site-en-3-narrow.png", full_page=True)
        page.goto(f"/nsi/entry?oid={ILLNESSES}&key=4")
        assert fits(page)


def test_a_diagnosis_is_found_by_words_and_chosen_with_keys(site: SiteStand, page: Page, screenshots: Path) -> None:
    with site.admin() as connection:
        row = connection.execute(
            "select code, name from nsi.entry where oid = '1.2.643.5.1.13.13.11.1005' and code ~ '^I11'"
        ).fetchone()
    assert row
    page.goto(f"/patients/{site.patient}")
    page.get_by_role("button", name="Начать визит").click()
    page.get_by_role("button", name="Протокол консультации").click()
    field = page.locator("[name=diagnosis0_icd]")
    field.press_sequentially(row[1].split()[0].lower()[:7])
    expect(page.locator("#diagnosis0_choices [data-code]").first).to_contain_text(row[1])
    expect(field).to_have_attribute("aria-expanded", "true")
    page.screenshot(path=screenshots / "nsi-site-ru-4-diagnosis.png")
    field.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value(row[0])
    expect(page.locator("#diagnosis0_choices [data-code]")).to_have_count(0)
    expect(page.locator("[name=diagnosis0_text]")).to_have_attribute("placeholder", row[1])
