"""The stewards' pages in a real browser: answering, undoing, parting rows, pinning values, finding persons."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg import sql

from tests.browser.serving import signed_in_page
from tests.fix_apps import SharedApp
from tests.fix_region import HOSPITAL, PASSWORD, POLYCLINIC, RegionStand
from trustmed.demo.content.lookalikes import Case, card, lookalikes
from trustmed.demo.content.people import people
from trustmed.matching.card import Card
from trustmed.region.index.link import link_anew, link_patients
from trustmed.region.index.model import PatientKey
from trustmed.schema import Place

pytestmark = [pytest.mark.chromium, pytest.mark.parametrize("region", ["apart"], indirect=True)]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CLINICS = (HOSPITAL, POLYCLINIC)


@pytest.fixture
def address(region: RegionStand, serve: Callable[[SharedApp], str]) -> str:
    return serve(region.web)


@pytest.fixture
def language() -> str:
    return "ru"


@pytest.fixture
def page(browser: Browser, region: RegionStand, address: str, language: str) -> Iterator[Page]:
    """The queue with a steward signed in."""
    remove_patients(region)
    window = {"width": 1320, "height": 900}
    with signed_in_page(browser, address, "steward", PASSWORD, language, viewport=window) as opened:
        yield opened


def remove_patients(region: RegionStand) -> None:
    """Remove the patients of other tests, so that none is taken for one of this test."""
    with region.admin(Place.MPI) as connection:
        connection.execute(
            "truncate mpi.patient, mpi.patient_link, mpi.profile, mpi.key, mpi.review, mpi.not_same, mpi.rematch"
        )


def open_first_question(page: Page) -> None:
    """Open the first question."""
    page.goto("/steward")
    expect(page.locator("a[data-row]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".compared")).to_be_visible()


def add_patient(region: RegionStand, organization_id: int, entered: Card) -> PatientKey:
    """Add a clinic's row and link it as the change feed does."""
    values = {"organization_id": organization_id, **msgspec.structs.asdict(entered)}
    insert = sql.SQL("insert into mpi.patient ({}) values ({}) returning id").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    with region.admin(Place.MPI) as connection:
        row = connection.execute(insert, values).fetchone()
    assert row is not None
    key = PatientKey(organization_id, row[0])
    link_as_the_feed_does(region, key)
    return key


def link_as_the_feed_does(region: RegionStand, *keys: PatientKey) -> None:
    with region.connect(Place.MPI, "trustmed_feed") as connection:
        link_patients(connection, keys)
        link_anew(connection)


def case_named(name: str, seed: int) -> Case:
    return next(one for one in lookalikes(seed) if one.name == name)


def add_case(region: RegionStand, name: str, seed: int) -> list[PatientKey]:
    """Add a case's cards in different clinics; return their keys."""
    cards = case_named(name, seed).cards
    return [add_patient(region, clinic, one) for clinic, (_, one) in zip(CLINICS, cards, strict=True)]


def persons(region: RegionStand, *keys: PatientKey) -> list[str]:
    with region.admin(Place.MPI) as connection:
        links = {
            PatientKey(*key): str(person)
            for *key, person in connection.execute(
                "select organization_id, patient_id, person_id from mpi.patient_link"
            )
        }
    return [links[key] for key in keys]


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"steward-{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_question_is_answered_by_keys_alone_and_the_next_one_comes(
    region: RegionStand, page: Page, language: str
) -> None:
    words = {"ru": ("Близнецы", "Решение записано."), "en": ("Twins", "The decision is recorded.")}[language]
    seed = {"ru": 510, "en": 520}[language]
    twins, newborn = add_case(region, "twins", seed), add_case(region, "newborn", seed)
    page.goto("/steward")
    expect(page.locator("a[data-row]")).to_have_count(2)
    shoot(page, f"queue-{language}")
    page.locator("a[data-row]", has_text="Артём").click()
    expect(page.locator(".compared .unlike .one")).to_have_text("Артём")
    page.keyboard.press("d")
    page.keyboard.press("1")
    expect(page.locator(f"[name=why_not][value='{words[0]}']")).to_be_checked()
    shoot(page, f"question-{language}")
    page.keyboard.press("Enter")
    expect(page.locator(".flash.done")).to_be_visible()
    assert len(set(persons(region, *twins))) == 2
    expect(page.locator(".compared")).to_contain_text("Новорожденный")
    page.keyboard.press("s")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page.locator(".flash.done")).to_contain_text(words[1])
    expect(page.locator("a[data-row]")).to_have_count(0)
    assert len(set(persons(region, *newborn))) == 1
    page.locator(".flash button").click()
    page.wait_for_url(re.compile(r"/steward$"))
    expect(page.locator("a[data-row]")).to_have_count(1)
    assert len(set(persons(region, *newborn))) == 2, "the answer is taken back with one press"


def test_a_reason_is_asked_for_and_the_chosen_answer_is_kept(region: RegionStand, page: Page) -> None:
    pair = add_case(region, "two СНИЛС", 530)
    open_first_question(page)
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".refusal")).to_contain_text("Напишите, почему")
    expect(page.locator("[name=answer][value=same]")).to_be_checked()
    assert len(set(persons(region, *pair))) == 2


def test_a_question_answered_by_another_steward_leads_to_the_next(
    region: RegionStand, page: Page, address: str
) -> None:
    add_case(region, "twins", 540)
    add_case(region, "newborn", 540)
    open_first_question(page)
    expect(page.locator(".compared")).to_contain_text("Артём")
    with region.admin(Place.MPI) as connection:
        connection.execute(
            "update mpi.review set closed_at = now(), outcome = 'not_same', closed_by = 'другой', closing_reason = 'да'"
            " where closed_at is null and id::text = %s",
            (page.url.rpartition("/")[2],),
        )
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".refusal")).to_contain_text("уже ответили")
    expect(page.locator(".warning")).to_contain_text("другой")
    page.locator(".refusal a").click()
    expect(page.locator(".compared")).to_contain_text("Новорожденный")


def test_a_question_is_put_off(region: RegionStand, page: Page) -> None:
    add_case(region, "newborn", 550)
    open_first_question(page)
    page.keyboard.press("p")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".empty-list")).to_be_visible()
    page.select_option("[name=priority]", "later")
    page.locator("form.filters button").click()
    expect(page.locator("a[data-row]")).to_have_count(1)
    shoot(page, "postponed-ru")


def test_letters_that_differ_are_marked(region: RegionStand, page: Page) -> None:
    entered = card(next(people(56)))
    entered = msgspec.structs.replace(entered, surname="Берендеева", given_name="Глафира", sex=2, snils=None, enp=None)
    other = msgspec.structs.replace(entered, surname="Бирендеева")
    one, another = add_patient(region, HOSPITAL, entered), add_patient(region, POLYCLINIC, other)
    first, second = persons(region, one, another)
    if first == second:
        page.goto(f"/persons/{first}")
        page.locator("[name=row]").last.check()
        page.locator("details.split summary").click()
        page.locator("details.split .chip").first.click()
        page.locator("details.split button").click()
        first, second = persons(region, one, another)
    page.goto(f"/persons/{first}/with/{second}")
    expect(page.locator(".compared .one mark")).to_have_text("е")
    expect(page.locator(".compared .other mark")).to_have_text("и")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_rows_are_parted_and_the_act_is_undone(region: RegionStand, page: Page, language: str) -> None:
    seed = {"ru": 570, "en": 580}[language]
    entered = card(next(people(seed)))
    keys = [add_patient(region, clinic, entered) for clinic in CLINICS]
    (person,) = set(persons(region, *keys))
    page.goto(f"/persons/{person}")
    expect(page.locator(".sources tbody tr")).to_have_count(2)
    page.locator("[name=row]").last.check()
    page.locator("details.split summary").click()
    page.locator("details.split .own-words input").fill("две карты разных людей")
    page.locator("details.split button").click()
    expect(page.locator(".flash.done")).to_be_visible()
    expect(page.locator(".sources tbody tr")).to_have_count(1)
    assert len(set(persons(region, *keys))) == 2
    shoot(page, f"person-{language}")
    page.locator("details.undo summary").click()
    page.locator("details.undo [name=words]").fill("ошибка: карты одного человека")
    page.locator("details.undo button").click()
    expect(page.locator(".sources tbody tr")).to_have_count(2)
    expect(page.locator(".acts .undone")).to_contain_text("ошибка: карты одного человека")
    assert set(persons(region, *keys)) == {person}


def test_a_value_is_pinned_and_released(region: RegionStand, page: Page) -> None:
    key = add_patient(region, HOSPITAL, card(next(people(59))))
    (person,) = persons(region, key)
    page.goto(f"/persons/{person}")
    row = page.locator(".golden tbody tr").filter(has=page.locator("[name=field][value=surname]"))
    row.locator("summary").click()
    row.locator("[name=value]").fill("Новосильцева")
    row.locator("[value=pin]").click()
    expect(page.locator(".refusal")).to_contain_text("Напишите, почему")
    expect(row.locator("[name=value]")).to_have_value("Новосильцева")
    row.locator("[name=words]").fill("по паспорту")
    row.locator("[value=pin]").click()
    expect(page.locator("h1")).to_contain_text("Новосильцева")
    expect(page.locator(".golden .pinned")).to_contain_text("по паспорту")
    row.locator("summary").click()
    row.locator("[name=words]").fill("паспорт заменён")
    row.locator("[value=unpin]").click()
    expect(page.locator(".golden .pinned")).to_have_count(0)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_persons_are_found_and_merged_and_the_old_address_still_leads_to_them(
    region: RegionStand, page: Page, language: str
) -> None:
    seed = {"ru": 600, "en": 610}[language]
    somebody = people(seed)
    one, other = card(next(somebody)), card(next(somebody))
    first, second = persons(region, add_patient(region, HOSPITAL, one), add_patient(region, POLYCLINIC, other))
    page.goto("/persons")
    page.fill("[name=number]", f"{other.snils}")
    page.locator(".looking form").first.locator("button").click()
    expect(page.locator(".hits a").first).to_contain_text(other.surname)
    outcome = {"ru": ("связала бы сама", "завела бы нового"), "en": ("link such a row", "make a new person")}[language]
    compare(page, surname=one.surname, given_name=one.given_name, patronymic=one.patronymic, birth_date=one.birth_date)
    expect(page.locator(".outcome")).to_contain_text(outcome[0])
    page.locator(".hits details summary").first.click()
    expect(page.locator(".compared").first).to_be_visible()
    shoot(page, f"match-{language}")
    compare(page, surname="Жмых", given_name="Аскольд", birth_date="1931-01-07")
    expect(page.locator(".outcome")).to_contain_text(outcome[1])
    page.goto(f"/persons?for={first}")
    page.fill("[name=number]", f"{other.snils}")
    page.locator(".looking form").first.locator("button").click()
    page.locator(".hits .btn").click()
    expect(page.locator("form.answer")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/persons/{first}\?done"))
    page.goto(f"/persons/{second}")
    expect(page.locator(".warning code")).to_have_text(second)
    expect(page.locator(".sources tbody tr")).to_have_count(2)
    shoot(page, f"merged-{language}")


def compare(page: Page, **typed: object) -> None:
    """Search by name and other fields."""
    page.goto("/persons")
    for name, value in typed.items():
        page.fill(f"[name={name}]", str(value or ""))
    page.locator(".looking form").last.locator("button").click()


def test_an_analyst_reads_questions_and_cannot_answer_them(
    region: RegionStand, page: Page, address: str, browser: Browser
) -> None:
    add_case(region, "twins", 620)
    with signed_in_page(browser, address, "analyst", PASSWORD) as analyst:
        analyst.goto("/steward")
        analyst.locator("a[data-row]").first.click()
        expect(analyst.locator(".compared")).to_be_visible()
        expect(analyst.locator("form.answer")).to_have_count(0)


def test_pages_fit_a_telephone_and_seen_persons_are_in_the_audit_log(region: RegionStand, page: Page) -> None:
    twins = add_case(region, "twins", 630)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/steward")
    page.locator("a[data-row]").first.click()
    expect(page.locator(".compared")).to_be_visible()
    for path in (page.url, "/steward", f"/persons/{persons(region, *twins)[0]}", "/persons"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    seen = {str(row[2]) for row in region.audit(Place.MPI) if row[0] == "mpi:person:find"}
    assert set(persons(region, *twins)) <= seen
