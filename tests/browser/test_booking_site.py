"""A registrar's way through the schedule in a real browser: book, set a refusal aside, move, cancel, withdraw."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import fits, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_site import HOSPITAL, PASSWORD, SiteStand
from tests.integration.clinic.bookable import TOMORROW, Bookable, add_patients

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("site", ["apart"], indirect=True)]
WORDS = {
    "ru": {
        "book": "Записать",
        "all_the_same": "Всё равно записать",
        "move": "Перенести",
        "move_here": "Перенести сюда",
        "cancel": "Отменить запись",
        "withdraw": "Снять отмеченное с приёма",
        "withdrawn": "Время снято с приёма, а пациент записан",
        "close": "Закрыть задачу",
        "same_time": "Две записи на одно время",
        "it_is": "Это он",
        "ask": "Попросить отменить",
    },
    "en": {
        "book": "Book",
        "all_the_same": "Book all the same",
        "move": "Move",
        "move_here": "Move here",
        "cancel": "Cancel the booking",
        "withdraw": "Withdraw the ticked ones",
        "withdrawn": "The time is withdrawn and a patient is booked",
        "close": "Close the task",
        "same_time": "Two bookings at one time",
        "it_is": "It is this one",
        "ask": "Ask to cancel",
    },
}
LANGUAGES = pytest.mark.parametrize("language", ["ru", "en"])


@pytest.fixture
def page(browser: Browser, site: SiteStand, serve: Callable[[SharedApp], str], language: str) -> Iterator[Page]:
    try:
        with signed_in_page(browser, serve(site.web), "registrar", PASSWORD, language=language) as opened:
            yield opened
    finally:
        with site.admin() as connection:
            connection.execute(
                "truncate booking.site_booking, booking.region_booking, booking.conflict, booking.settlement,"
                " booking.slot, booking.handover, booking.schedule, booking.resource"
            )


def shoot(page: Page, screenshots: Path, name: str) -> None:
    """Take pictures at the width of a desk and of a telephone; nothing may stick out of either."""
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=screenshots / f"booking-{name}-{width}.png", full_page=True)
        assert fits(page), f"{name} at {width}"
    page.set_viewport_size({"width": 1280, "height": 900})


def day_of(doctor: Bookable) -> str:
    return doctor.starts[0].date().isoformat()


def slot_id(page: Page) -> str:
    return page.url.rpartition("/")[2].partition("?")[0]


@LANGUAGES
def test_a_registrar_books_moves_and_cancels(site: SiteStand, page: Page, language: str, screenshots: Path) -> None:
    words = WORDS[language]
    doctor, colleague = Bookable(site), Bookable(site)
    (patient,) = add_patients(site, 1)
    doctor.hand_over(doctor.slots[4])
    page.goto(f"/patients/{patient}")
    page.locator(f"a[href='/schedule?patient={patient}']").click()
    page.goto(f"{page.url}&day={day_of(doctor)}")
    expect(page.locator(".day-grid section")).to_have_count(2)
    shoot(page, screenshots, f"day-{language}")
    page.locator(f"a[href^='/slots/{doctor.slots[0]}']").click()
    shoot(page, screenshots, f"slot-{language}")
    page.get_by_role("button", name=words["book"], exact=True).click()
    expect(page.locator(".done")).to_be_visible()
    assert doctor.count_bookings() == {doctor.slots[0]: 1}
    shoot(page, screenshots, f"card-{language}")
    first = page.url.partition("?")[0]

    page.goto(f"/slots/{colleague.slots[0]}")
    page.locator("main [name=q]").press_sequentially("Записин")
    page.get_by_role("button", name=re.compile(words["book"])).first.wait_for()
    shoot(page, screenshots, f"whom-{language}")
    page.goto(f"/slots/{colleague.slots[0]}?patient={patient}")
    page.get_by_role("button", name=words["book"], exact=True).click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert colleague.count_bookings() == {}
    shoot(page, screenshots, f"refused-{language}")
    page.locator("[name=allowed]").fill("Консилиум")
    page.get_by_role("button", name=words["all_the_same"]).click()
    expect(page.locator(".done")).to_be_visible()
    assert colleague.count_bookings() == {colleague.slots[0]: 1}
    cancel(page, words)
    assert colleague.count_bookings() == {}
    move(page, first, words, doctor.slots[3])
    assert doctor.count_bookings() == {doctor.slots[3]: 1}
    page.goto(f"/patients/{patient}")
    expect(page.locator("a[href^='/bookings/']")).to_have_count(3)
    shoot(page, screenshots, f"patient-{language}")


def cancel(page: Page, words: dict[str, str]) -> None:
    page.locator("[name=why]").fill("Не нужна")
    page.get_by_role("button", name=words["cancel"]).click()
    expect(page.locator(".state-bad")).to_be_visible()


def move(page: Page, booking: str, words: dict[str, str], to: UUID) -> None:
    page.goto(booking)
    page.get_by_role("link", name=words["move"]).click()
    page.locator(f"a[href^='/slots/{to}']").click()
    page.get_by_role("button", name=words["move_here"]).click()
    expect(page.locator(".done")).to_be_visible()


@LANGUAGES
def test_withdrawn_slots_become_tasks(site: SiteStand, page: Page, language: str, screenshots: Path) -> None:
    words = WORDS[language]
    doctor = Bookable(site, day=1)
    (patient,) = add_patients(site, 1)
    page.goto(f"/slots/{doctor.slots[1]}?patient={patient}")
    page.get_by_role("button", name=words["book"], exact=True).click()
    page.goto(f"/schedule/day/{doctor.resource}?day={day_of(doctor)}")
    page.locator("[data-all]").check()
    shoot(page, screenshots, f"withdraw-{language}")
    page.get_by_role("button", name=words["withdraw"]).click()
    expect(page.locator("[role=alert]")).to_be_visible()
    page.locator("[data-all]").check()
    page.locator("[name=why]").fill("Врач заболел")
    page.get_by_role("button", name=words["withdraw"]).click()
    expect(page.locator(".done")).to_contain_text("6")
    page.goto("/tasks")
    expect(page.locator(".task")).to_contain_text(words["withdrawn"])
    expect(page.locator(".menu .count")).to_have_text("1")
    shoot(page, screenshots, f"tasks-{language}")
    page.goto(f"/schedule?day={day_of(doctor)}")
    expect(page.locator(".day-grid .w")).to_have_count(5)
    shoot(page, screenshots, f"day-withdrawn-{language}")
    page.goto(f"/schedule/free?patient={patient}")
    shoot(page, screenshots, f"free-{language}")
    page.goto("/schedule/resources")
    shoot(page, screenshots, f"resources-{language}")
    page.goto(f"/schedule/resources/{doctor.resource}")
    page.locator("[name=weekday]").first.check()
    page.locator("[name=starts]").locator("xpath=ancestor::form").locator(".btn-primary").click()
    expect(page.locator("main table tbody tr")).to_have_count(1)
    shoot(page, screenshots, f"hours-{language}")


@LANGUAGES
def test_a_patient_booked_by_the_region_is_identified_and_the_conflict_closed(
    site: SiteStand, page: Page, language: str, screenshots: Path
) -> None:
    words = WORDS[language]
    doctor = Bookable(site, day=2)
    doctor.hand_over(doctor.slots[0])
    booking = doctor.book_by_region(doctor.slots[0])
    with site.admin() as connection:
        connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex, phone)"
            " values (%s, 'Дальнов', 'Егор', '1980-01-01', 1, '+7 900 000-00-00')",
            (HOSPITAL,),
        )
        connection.execute(
            "insert into booking.conflict (organization_id, kind, booking_id, other_organization_id, other_booking_id,"
            " other_name, other_starts_at) values (%s, 'same_time', %s, 102, uuidv7(), 'хирург, Больница 102', %s)",
            (HOSPITAL, booking, doctor.starts[0]),
        )
    page.goto(f"/bookings/{booking}")
    shoot(page, screenshots, f"region-{language}")
    page.get_by_role("button", name=words["it_is"]).first.click()
    expect(page.locator(".done")).to_be_visible()
    page.locator("[name=why]").fill("Пациент позвонил")
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.locator(".warning")).to_be_visible()
    page.goto("/tasks")
    expect(page.locator(".task")).to_contain_text(words["same_time"])
    page.locator("[name=how]").fill("Нужны обе")
    page.get_by_role("button", name=words["close"]).click()
    expect(page.locator(".task")).to_have_count(0)
    with site.admin() as connection:
        connection.execute("delete from mpi.patient where surname = 'Дальнов'")


@pytest.mark.parametrize("language", ["ru"])
def test_a_schedule_of_sixty_doctors_stays_usable(site: SiteStand, page: Page, screenshots: Path) -> None:
    """The page itself never scrolls sideways, heads and hours stay in sight, arrows go from slot to slot."""
    for number in range(60):
        Bookable(site, day=3, slots=20, speciality=str(100 + number % 7))
    page.goto(f"/schedule?day={(TOMORROW + dt.timedelta(days=3)).date().isoformat()}")
    expect(page.locator(".day-grid section")).to_have_count(60)
    shoot(page, screenshots, "sixty")
    grid = page.locator(".day-grid")
    grid.evaluate("grid => grid.scrollTo(4000, 120)")
    page.screenshot(path=screenshots / "booking-sixty-scrolled.png")
    inside, head, hours = (
        page.locator(one).bounding_box()
        for one in (".day-grid", ".day-grid section:nth-of-type(30) header", ".day-grid .hours")
    )
    assert inside
    assert head
    assert hours
    assert abs(head["y"] - inside["y"]) < 3
    assert abs(hours["x"] - inside["x"]) < 3
    page.locator(".day-grid div > a").first.focus()
    was = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    now = page.evaluate("document.activeElement.getAttribute('href')")
    assert re.fullmatch("/slots/[0-9a-f-]{36}", now)
    assert now != was
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{now}")
    assert UUID(slot_id(page))
