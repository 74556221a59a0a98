"""A registrar records and revokes a consent on the card; the head sees emergency accesses counted and marks them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.serving import fits, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_site import HOSPITAL, PASSWORD, SiteStand

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("site", ["apart"], indirect=True)]
REASON = "Пациент без сознания, нужны сведения об аллергии и постоянно принимаемых лекарствах"


@pytest.fixture
def address(site: SiteStand, serve: Callable[[SharedApp], str]) -> Iterator[str]:
    yield serve(site.web)
    with site.admin() as connection:
        connection.execute("delete from record.consent")
        connection.execute("delete from mpi.break_glass")
        connection.execute("delete from clinic.glass_seen")


def test_a_consent_is_recorded_and_revoked(browser: Browser, site: SiteStand, address: str, screenshots: Path) -> None:
    with signed_in_page(browser, address, "registrar", PASSWORD) as page:
        page.goto(f"/patients/{site.patient}")
        block = page.locator("#consent")
        expect(block).to_contain_text("Действующего согласия нет")
        page.screenshot(path=screenshots / "site-consent-none.png")
        block.get_by_role("button").click()
        expect(block.locator(".state")).to_have_text("действует")
        expect(block).to_contain_text("бессрочно")
        page.screenshot(path=screenshots / "site-consent.png")
        block.get_by_role("button", name="Отозвать").click()
        expect(block).to_contain_text("Прежние согласия: 1")
        expect(block).to_contain_text("Действующего согласия нет")
        page.set_viewport_size({"width": 390, "height": 844})
        assert fits(page)
        page.screenshot(path=screenshots / "site-consent-390.png")


def test_the_head_sees_emergency_accesses_and_marks_them(
    browser: Browser, site: SiteStand, address: str, screenshots: Path
) -> None:
    with site.admin() as connection:
        connection.execute(
            "insert into mpi.break_glass (organization_id, patient_id, person_id, reader_name, reader_position,"
            " reader_organization, reason) select %s, %s, uuidv7(), 'Константинопольская Александра Владиславовна',"
            " 'врач-анестезиолог-реаниматолог', 102, %s from generate_series(1, 3)",
            (HOSPITAL, site.patient, REASON),
        )
    with signed_in_page(browser, address, "head", PASSWORD) as page:
        count = page.locator(".menu a[href='/audit'] .count")
        expect(count).to_have_text("3")
        page.get_by_role("link", name="Журнал доступа").click()
        page.get_by_role("link", name="Экстренный доступ").click()
        expect(page.locator("tr.unseen")).to_have_count(3)
        expect(page.locator("tbody")).to_contain_text(REASON)
        page.screenshot(path=screenshots / "site-glass.png")
        page.set_viewport_size({"width": 390, "height": 844})
        assert fits(page)
        page.screenshot(path=screenshots / "site-glass-390.png")
        page.get_by_role("button", name="Отметить").click()
        expect(page.locator("tr.unseen")).to_have_count(0)
        expect(page.locator("tbody .state")).to_have_text(["просмотрено"] * 3)
        expect(count).to_be_empty()
