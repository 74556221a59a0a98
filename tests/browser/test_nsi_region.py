"""The region's pages of dictionaries in a real browser: waiting versions, publishing, spreading, an own dictionary."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import fits, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_region import PASSWORD, RegionStand
from tests.integration.nsi.shelf import ILLNESSES, store_shelf
from trustmed.schema import Place

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]


@pytest.fixture
def address(region: RegionStand, serve: Callable[[SharedApp], str]) -> str:
    with region.admin(Place.NSI) as connection:
        store_shelf(connection)
        connection.execute("delete from nsi.publication where oid = %s", (ILLNESSES,))
        connection.execute(
            "insert into nsi.publication (oid, version, at, kind, author)"
            " values (%s, '1.0', '2023-01-01', 'published', 'x')",
            (ILLNESSES,),
        )
        connection.execute("update nsi.dictionary set current_version = '1.0' where oid = %s", (ILLNESSES,))
        connection.execute("delete from nsi.holding")
        for site in ("hospital", "polyclinic"):
            connection.execute("insert into nsi.site_seen (site) values (%s) on conflict do nothing", (site,))
            record_holding(region, site, "1.0")
    return serve(region.web)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with signed_in_page(browser, address, "engineer", PASSWORD) as opened:
        yield opened


def record_holding(region: RegionStand, site: str, version: str) -> None:
    """Write what the monitor writes once a site has turned to a version."""
    with region.admin(Place.NSI) as connection:
        connection.execute(
            "insert into nsi.holding values (%s, %s, %s)"
            " on conflict (site, oid) do update set version = excluded.version",
            (site, ILLNESSES, version),
        )


def test_a_version_is_published_spreads_to_sites_and_is_rolled_back(
    region: RegionStand, page: Page, screenshots: Path
) -> None:
    page.get_by_role("link", name="НСИ").click()
    page.get_by_role("link", name="ждут публикации").click()
    page.get_by_role("link", name="Пробные болезни").click()
    page.get_by_role("link", name="Опубликовать 2.0").click()
    expect(page.locator(".counts").first).to_contain_text("добавлено: 2")
    expect(page.locator("ins").first).to_have_text("Лихорадка зелёная, острая форма")
    page.screenshot(path=screenshots / "nsi-region-ru-1-publish.png", full_page=True)
    page.locator("[name=reason]").fill("новый приказ")
    page.locator("main form .btn-primary").click()
    expect(page.locator("#spread")).to_contain_text("Действует версия 2.0")
    expect(page.locator("#spread")).to_contain_text("на площадках: 0 из 2")
    record_holding(region, "hospital", "2.0")
    expect(page.locator("#spread")).to_contain_text("на площадках: 1 из 2")
    page.screenshot(path=screenshots / "nsi-region-ru-2-spread.png", full_page=True)
    record_holding(region, "polyclinic", "2.0")
    expect(page.locator("#spread")).to_contain_text("на площадках: 2 из 2")
    page.get_by_role("link", name="Откатить к 1.0").click()
    page.locator("[name=reason]").fill("ошибка в приказе")
    page.locator("main form .btn-primary").click()
    expect(page.locator("#spread")).to_contain_text("Действует версия 1.0")
    expect(page.locator("main")).to_contain_text("ошибка в приказе")


def test_differences_between_any_two_versions_are_shown(page: Page) -> None:
    page.goto(f"/nsi/{ILLNESSES}")
    page.locator("[name=before]").select_option("2.0")
    page.locator("[name=after]").select_option("1.0")
    page.get_by_role("button", name="Показать отличия").click()
    expect(page.locator(".counts")).to_contain_text("изъято: 2")
    page.get_by_role("link", name="Наоборот").click()
    expect(page.locator(".counts")).to_contain_text("добавлено: 2")


def test_pages_of_versions_that_sites_hold_fit_any_screen(
    browser: Browser, address: str, region: RegionStand, screenshots: Path
) -> None:
    record_holding(region, "polyclinic", "0.9")
    for width in (1280, 390):
        with signed_in_page(browser, address, "analyst", PASSWORD, viewport={"width": width, "height": 900}) as page:
            for path in ("/nsi", "/nsi/sites", "/nsi/sites?every=1", f"/nsi/{ILLNESSES}", "/nsi/new", "/nsi/search"):
                page.goto(path)
                assert fits(page), (path, width)
            page.goto("/nsi/sites")
            expect(page.locator(".holdings")).to_contain_text("0.9 · другая")
            page.screenshot(path=screenshots / f"nsi-region-ru-3-sites-{width}.png", full_page=True)


def test_an_own_dictionary_is_drafted_and_made_a_version(page: Page, screenshots: Path, tmp_path: Path) -> None:
    page.goto("/language/en?back=/nsi/new")
    page.goto("/nsi/new")
    page.locator("[name=title]").fill("Корпуса в браузере")
    page.locator("[name=columns]").fill("ADDRESS Адрес")
    page.get_by_role("button", name="Begin the draft").click()
    page.get_by_role("link", name="Add a row").click()
    page.locator("[name=CODE]").fill("К1")
    page.locator("[name=NAME]").fill("Главный корпус")
    page.locator("[name=ADDRESS]").fill("Лесная, 1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#rows .state")).to_have_text("new")
    file = tmp_path / "rows.csv"
    file.write_text("Код;Название\nК2;Поликлиника\n", "utf-8")
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name="Load").click()
    expect(page.locator(".done")).to_contain_text("added 1")
    page.screenshot(path=screenshots / "nsi-region-en-4-draft.png", full_page=True)
    page.get_by_role("button", name="Make a version").click()
    expect(page.locator("main")).to_contain_text("waits to be published")
    page.get_by_role("link", name="Edit the draft").click()
    page.get_by_role("link", name="Поликлиника").click()
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[name=NAME]").fill("Поликлиника на Лесной")
    other.get_by_role("button", name="Save").click()
    page.locator("[name=NAME]").fill("Поликлиника № 1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".refusal")).to_contain_text("Your edit is not kept")
    expect(page.locator("ins")).to_have_text("Поликлиника на Лесной")
    expect(page.locator("[name=NAME]")).to_have_value("Поликлиника № 1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#rows .state")).to_have_text("changed")
