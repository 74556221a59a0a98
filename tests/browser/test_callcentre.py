"""The call centre's pages in a real browser: finding the caller, booking, setting a rule aside, cancelling, moving."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.serving import fits, signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_region import PASSWORD, POLYCLINIC, Citizen, RegionStand, new_snils
from tests.integration.region.booking.rows import SURGEON, THERAPIST, Clinic, at
from trustmed.schema import Place

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WORDS = {
    "ru": {
        "book": "Записать на приём",
        "tell": "Скажите позвонившему",
        "move": "Перенести",
        "moved": "перенесена",
        "cancelled": "отменена",
        "then": "уже есть запись на это время",
        "asked": "Просьба об отмене отправлена",
        "nobody": "никого не нашлось",
        "taken": "уже занят",
        "down": "недоступна",
    },
    "en": {
        "book": "Book",
        "tell": "Tell the caller",
        "move": "Move",
        "moved": "moved",
        "cancelled": "cancelled",
        "then": "already has a booking at this time",
        "asked": "request to cancel is sent",
        "nobody": "Nobody was found",
        "taken": "already taken",
        "down": "cannot be reached",
    },
}
both_languages = pytest.mark.parametrize("language", ["ru", "en"])


@pytest.fixture
def language() -> str:
    return "ru"


@pytest.fixture
def words(language: str) -> dict[str, str]:
    return WORDS[language]


@pytest.fixture
def address(region: RegionStand, serve: Callable[[SharedApp], str]) -> str:
    return serve(region.web)


@pytest.fixture
def page(browser: Browser, region: RegionStand, address: str, language: str) -> Iterator[Page]:
    """Sign the operator in, without slots of other tests. No address may give away a person except by the id."""
    with region.admin(Place.BOOKING) as connection:
        connection.execute("truncate booking.resource, booking.slot, booking.handover, booking.region_booking")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    with signed_in_page(browser, address, "operator", PASSWORD, language=language) as page:
        page.on("request", note)
        yield page
        page.remove_listener("request", note)
        assert [url for url in asked if re.search(r"Провер|Незнаком|%D0|snils|surname|phone|birth", url)] == []


@pytest.fixture
def hospital(region: RegionStand) -> Clinic:
    return Clinic(region)


@pytest.fixture
def polyclinic(region: RegionStand) -> Clinic:
    return Clinic(region, POLYCLINIC)


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SCREENSHOTS / f"callcentre-{name}-{width}.png", full_page=True)
        assert fits(page), f"{name} is wider than {width}"
    page.set_viewport_size({"width": 1280, "height": 900})


def add_slots(clinic: Clinic, speciality: tuple[str, str] = THERAPIST, name: str = "Врачёва В. В.") -> None:
    """Add four slots three days ahead and two the day after."""
    doctor = clinic.add_doctor(speciality, name)
    for number in range(4):
        clinic.add_slot(doctor, at(9 + number / 4))
    for number in range(2):
        clinic.add_slot(doctor, at(15 + number / 4, days=4))


def choose(page: Page, speciality: tuple[str, str] = THERAPIST) -> Locator:
    """Choose a speciality; return the times that appear."""
    page.select_option("select[name=speciality]", speciality[0])
    times = page.locator(".slot")
    expect(times.first).to_be_visible()
    return times


def clock_time(moment: dt.datetime) -> str:
    return f"{moment.astimezone():%H:%M}"


@both_languages
def test_a_caller_is_found_and_booked_by_keys(
    region: RegionStand, page: Page, hospital: Clinic, polyclinic: Clinic, words: dict[str, str], language: str
) -> None:
    alice = region.add_citizen()
    add_slots(hospital)
    add_slots(polyclinic, name="Лекарева Л. Л.")
    page.goto("/")
    expect(page.locator("input[name=number]")).to_be_focused()
    page.keyboard.type(alice.snils)
    page.keyboard.press("Enter")
    expect(page.locator(".found-person")).to_be_focused()
    shoot(page, f"found-{language}")
    page.keyboard.press("Enter")
    expect(page.locator("select[name=speciality]")).to_be_focused()
    expect(page.locator("h1")).to_contain_text("Проверкина Алиса")
    times = choose(page)
    expect(times).to_have_count(8)
    page.locator(f"label:has(#clinic-{POLYCLINIC})").click()
    expect(times).to_have_count(4)
    expect(page.locator(f"#clinic-{POLYCLINIC}")).to_be_focused()
    shoot(page, f"slots-{language}")
    times.nth(0).focus()
    page.keyboard.press("ArrowRight")
    confirm_by_keys(page, times.nth(1), words, f"confirm-{language}")
    expect(page.locator(".tell")).to_contain_text(words["tell"])
    expect(page.locator(".tell")).to_contain_text(clock_time(at(9.25)))
    expect(page.locator(".tell")).to_contain_text("polyclinic")
    expect(page.locator(".head .btn")).to_be_focused()
    shoot(page, f"booked-{language}")
    with polyclinic.admin() as connection:
        made = connection.execute(
            "select person_id, channel, booked_by_name from booking.region_booking where ended_at is null"
        ).fetchall()
    assert made == [(alice.id, "call_centre", "Операторова О. О.")]
    choose(page)
    expect(page.locator(".slot")).to_have_count(7)


def confirm_by_keys(page: Page, slot: Locator, words: dict[str, str], picture: str) -> None:
    """Go by keys from the focused time to the line that names time and caller, back, and again to the end."""
    expect(slot).to_be_focused()
    page.keyboard.press("Enter")
    confirm, line = page.locator("#book button").first, page.locator("#book .line")
    expect(confirm).to_be_focused()
    expect(confirm).to_have_text(words["book"])
    expect(line).to_contain_text("Проверкина Алиса")
    expect(line).to_contain_text("Лекарева Л. Л.")
    shoot(page, picture)
    page.keyboard.press("Escape")
    expect(page.locator("#book")).to_be_hidden()
    expect(slot).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def open_caller(page: Page, citizen: Citizen) -> None:
    page.goto(f"/booking/{citizen.id}")


def book_first(page: Page, speciality: tuple[str, str] = THERAPIST) -> None:
    choose(page, speciality).first.click()
    page.locator("#book button").first.click()


@both_languages
def test_a_rule_is_set_aside_with_a_reason(
    region: RegionStand, page: Page, hospital: Clinic, words: dict[str, str], language: str
) -> None:
    alice = region.add_citizen()
    add_slots(hospital)
    add_slots(hospital, SURGEON, "Хирургов Х. Х.")
    open_caller(page, alice)
    book_first(page)
    expect(page.locator(".tell")).to_be_visible()
    book_first(page, SURGEON)
    expect(page.locator(".refusal")).to_contain_text(words["then"])
    expect(page.locator("[name=allowed]")).to_be_focused()
    expect(page.locator("select[name=speciality]")).to_have_value(SURGEON[0])
    shoot(page, f"refused-{language}")
    page.keyboard.type("обе нужны")
    page.keyboard.press("Enter")
    expect(page.locator(".tell")).to_contain_text("Хирургов Х. Х.")
    with hospital.admin() as connection:
        allowed = connection.execute("select allowed from booking.region_booking order by booked_at").fetchall()
    assert allowed == [(None,), ("обе нужны",)]


@both_languages
def test_a_slot_taken_meanwhile_leads_to_another(
    region: RegionStand, page: Page, hospital: Clinic, words: dict[str, str], language: str
) -> None:
    alice = region.add_citizen()
    add_slots(hospital)
    open_caller(page, alice)
    times = choose(page)
    times.first.click()
    with hospital.admin() as connection:
        connection.execute(
            "insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id,"
            " speciality_code, starts_at, ends_at, person_id, surname, given_name, birth_date, channel, booked_by,"
            " booked_by_name) select organization_id, %s, id, 1, resource_id, '109', starts_at, ends_at, %s, 'a', 'b',"
            " '2000-01-01', 'portal', 'p', 'p' from booking.slot order by starts_at limit 1",
            (uuid4(), region.add_citizen().id),
        )
    page.locator("#book button").first.click()
    expect(page.locator(".refusal")).to_contain_text(words["taken"])
    expect(times).to_have_count(3)
    times.first.click()
    page.locator("#book button").first.click()
    expect(page.locator(".tell")).to_contain_text(clock_time(at(9.25)))


@both_languages
def test_a_booking_is_moved_and_cancelled(
    region: RegionStand, page: Page, hospital: Clinic, words: dict[str, str], language: str
) -> None:
    alice = region.add_citizen()
    add_slots(hospital)
    open_caller(page, alice)
    book_first(page)
    page.locator(".acts .btn", has_text=words["move"]).first.click()
    expect(page.locator(".moving")).to_be_visible()
    expect(page.locator(".slot")).to_have_count(3)
    shoot(page, f"moving-{language}")
    page.locator(".day:not(.day-empty)").last.click()
    expect(page.locator(".slot")).to_have_count(2)
    page.locator(".slot").first.click()
    page.locator("#book button").first.click()
    expect(page.locator(".tell")).to_contain_text(clock_time(at(15, days=4)))
    page.locator(".behind summary").click()
    expect(page.locator(".behind")).to_contain_text(words["moved"])
    page.locator(".cancelling summary").click()
    expect(page.locator("[name=why]")).to_be_focused()
    page.keyboard.type("передумала")
    shoot(page, f"cancelling-{language}")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_be_visible()
    expect(page.locator(".cancelling")).to_have_count(0)
    page.locator(".behind summary").click()
    expect(page.locator(".behind")).to_contain_text("Операторова О. О.: передумала")
    expect(page.locator(".behind")).to_contain_text(words["cancelled"])
    shoot(page, f"ended-{language}")


@both_languages
def test_a_clinic_is_asked_to_cancel_its_own_booking(
    region: RegionStand, page: Page, hospital: Clinic, words: dict[str, str], language: str
) -> None:
    alice = region.add_citizen()
    booking = hospital.add_site_booking(
        hospital.add_slot(hospital.add_doctor(), at(9), handed=False), hospital.add_patient(alice.id)
    )
    open_caller(page, alice)
    expect(page.locator(".acts .btn", has_text=words["move"])).to_have_count(0)
    page.locator(".cancelling summary").click()
    page.locator("[name=why]").fill("передумала")
    shoot(page, f"asking-{language}")
    page.locator(".cancelling button").click()
    expect(page.locator("main > .warning")).to_contain_text(words["asked"])
    with hospital.admin() as connection:
        asked = connection.execute(
            "select ask, by_name, why from booking.region_request where booking_id = %s", (booking,)
        ).fetchall()
    assert asked == [("cancel", "Операторова О. О.", "передумала")]


@both_languages
def test_a_new_caller_is_typed_booked_found_again_and_cancelled(
    page: Page, hospital: Clinic, words: dict[str, str], language: str
) -> None:
    add_slots(hospital)
    snils = new_snils()
    page.goto("/booking")
    page.fill("[name=number]", snils)
    page.keyboard.press("Enter")
    expect(page.locator("#found .warning")).to_contain_text(words["nobody"])
    expect(page.locator("#found [name=surname]")).to_be_focused()
    shoot(page, f"nobody-{language}")
    form = page.locator("#found form")
    form.locator("[name=surname]").fill("Незнакомцева")
    form.locator("[name=given_name]").fill("Новая")
    form.locator("[name=birth_date]").fill("1990-02-03")
    form.locator("[name=phone]").fill("8 (921) 765-43-21")
    expect(form.locator("[name=snils]")).to_have_value(snils)
    form.locator("button").click()
    expect(page.locator("h1")).to_contain_text("Незнакомцева Новая")
    expect(page).to_have_url(re.compile("/booking/new$"))
    shoot(page, f"new-{language}")
    book_first(page)
    expect(page.locator(".tell")).to_be_visible()
    with hospital.admin() as connection:
        made = connection.execute("select person_id, snils, phone, surname from booking.region_booking").fetchall()
    assert made == [(None, snils, "+79217654321", "Незнакомцева")]
    page.locator(".acts form button", has_text=words["move"]).first.click()
    expect(page.locator(".moving")).to_be_visible()
    page.locator(".slot").first.click()
    page.locator("#book button").first.click()
    expect(page.locator(".tell")).to_contain_text(clock_time(at(9.25)))
    page.locator(".cancelling summary").first.click()
    page.keyboard.type("передумала")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_be_visible()
    expect(page.locator(".cancelling")).to_have_count(0)


def test_wrong_input_is_explained_and_kept(page: Page) -> None:
    page.goto("/booking/new")
    page.fill("[name=surname]", "Незнакомцева")
    page.fill("[name=given_name]", "Новая")
    page.fill("[name=birth_date]", "1990-02-03")
    page.click("main form button")
    expect(page.locator(".refusal")).to_contain_text("СНИЛС или телефон")
    page.fill("[name=snils]", "123-456-789 00")
    page.click("main form button")
    expect(page.locator(".refusal")).to_contain_text("контрольное число")
    page.fill("[name=snils]", "")
    page.fill("[name=phone]", "12")
    page.click("main form button")
    expect(page.locator(".refusal")).to_contain_text("десять цифр")
    expect(page.locator("[name=surname]")).to_have_value("Незнакомцева")
    page.fill("[name=birth_date]", "2190-02-03")
    page.click("main form button")
    expect(page.locator(".refusal")).to_contain_text("ещё не наступила")


def test_a_new_caller_with_a_known_snils_is_offered_the_known_person(region: RegionStand, page: Page) -> None:
    alice = region.add_citizen()
    page.goto("/booking/new")
    page.fill("[name=surname]", "Проверкина")
    page.fill("[name=given_name]", "Алиса")
    page.fill("[name=birth_date]", "1980-05-05")
    page.fill("[name=snils]", alice.snils)
    page.click("main form button")
    expect(page.locator(".warning a")).to_have_attribute("href", f"/booking/{alice.id}")


def test_a_double_click_books_once(region: RegionStand, page: Page, hospital: Clinic) -> None:
    alice = region.add_citizen()
    add_slots(hospital)
    open_caller(page, alice)
    choose(page).first.click()
    page.locator("#book button").first.dblclick()
    expect(page.locator(".tell")).to_be_visible()
    expect(page.locator(".refusal")).to_have_count(0)
    with hospital.admin() as connection:
        assert connection.execute("select count(*) from booking.region_booking").fetchone() == (1,)


def test_a_caller_not_found_by_name_and_birth_date_can_be_entered(region: RegionStand, page: Page) -> None:
    page.goto("/booking")
    form = page.locator(".looking form").last
    form.locator("[name=surname]").fill("Жмых")
    form.locator("[name=given_name]").fill("Аскольд")
    form.locator("[name=birth_date]").fill("1931-01-07")
    form.locator("button").click()
    expect(page.locator("#found .warning")).to_be_visible()
    expect(page.locator("#found [name=surname]")).to_have_value("Жмых")
