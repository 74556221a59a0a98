"""A doctor's way through the pages in a real browser, in both languages."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import watched_page
from tests.fix_apps import SharedApp
from tests.fix_site import PASSWORD, SiteStand

pytestmark = pytest.mark.chromium
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture
def address(site: SiteStand, serve: Callable[[SharedApp], str]) -> str:
    return serve(site.web)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched_page(browser, address) as page:
        yield page


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"site-{name}.png", full_page=True)


def sign_in(page: Page, login: str) -> None:
    page.goto("/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").click()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_doctor_signs_a_protocol(site: SiteStand, page: Page, language: str) -> None:
    words = {
        "ru": ("Начать визит", "Протокол консультации", "Сформировать и посмотреть", "Документ подписан."),
        "en": ("Begin a visit", "Consultation protocol", "Build and preview", "The document is signed."),
    }[language]
    page.goto(f"/language/{language}?back=/sign-in")
    shoot(page, f"{language}-1-sign-in")
    sign_in(page, "doctor")
    with site.admin() as connection:
        query = "select surname || ' ' || given_name, snils from mpi.patient where id = %s"
        name, snils = connection.execute(query, (site.patient,)).fetchone() or ("", "")
    page.locator("[name=q]").fill(name.upper().replace("Ё", "Е"))
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    shoot(page, f"{language}-2-patients")
    page.locator("#rows a").first.click()
    expect(page.locator("h1")).to_contain_text(name)
    page.get_by_role("button", name=words[0]).click()
    page.get_by_role("button", name=words[1]).click()
    fill_protocol(page)
    shoot(page, f"{language}-3-draft")
    page.get_by_role("button", name=words[2]).click()
    expect(page.locator(".paper")).to_contain_text("Данных за ОКС нет")
    shoot(page, f"{language}-4-preview")
    page.locator("form:has([value=software]) button").click()
    expect(page.locator(".done")).to_have_text(words[3])
    shoot(page, f"{language}-5-document")
    page.goto(f"/patients/{site.patient}")
    state = {"ru": "ждёт передачи", "en": "waiting to be handed over"}[language]
    expect(page.locator("#papers .state").first).to_have_text(state)
    expect(page.locator("#banners .banner")).to_be_visible()
    shoot(page, f"{language}-6-patient")
    assert snils


def fill_protocol(page: Page) -> None:
    texts = {
        "complaints": "Боль за грудиной при нагрузке",
        "disease_history": "Болен 3 года",
        "life_history": "Рос и развивался нормально",
        "objective_status": "Тоны сердца ясные, ритм правильный",
        "conclusion": "Данных за ОКС нет",
        "recommendations": "Контроль АД",
    }
    for name, text in texts.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=vital_3]").fill("140")
    page.locator("[name=vital_1]").fill("36,6")
    page.locator("[name=diagnosis0_icd]").press_sequentially("I11")
    expect(page.locator("#diagnosis0_choices button")).to_have_count(1)
    page.locator("[name=diagnosis0_icd]").fill("I11.9")


def test_a_refusal_keeps_the_typed_values(site: SiteStand, page: Page) -> None:
    sign_in(page, "registrar")
    page.goto("/patients/new")
    for name, value in {"surname": "Ёлкина", "given_name": "Яна", "birth_date": "1990-02-03", "snils": "1"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=sex]").select_option("2")
    page.locator("main form .btn-primary").click()
    expect(page.locator("#wrong")).to_contain_text("СНИЛС неверен")
    expect(page.locator("[name=surname]")).to_have_value("Ёлкина")
    shoot(page, "ru-7-refusal")


def test_the_head_reads_the_audit_trail(page: Page) -> None:
    sign_in(page, "head")
    page.goto("/audit")
    expect(page.locator("tbody tr").first).to_be_visible()
    shoot(page, "ru-8-audit")
    page.goto("/patients/00000000-0000-0000-0000-000000000001")
    expect(page.locator(".error-code")).to_have_text("404")
    shoot(page, "ru-9-missing")


def test_pages_work_without_scripts(browser: Browser, site: SiteStand, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="ru-RU")
    page = context.new_page()
    sign_in(page, "doctor")
    page.locator("[name=q]").fill("а")
    page.get_by_role("button", name="Найти").click()
    expect(page.locator("#rows")).to_be_visible()
    page.goto(f"/patients/{site.patient}")
    page.get_by_role("button", name="Начать визит").click()
    page.get_by_role("button", name="Протокол консультации").click()
    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.locator(".done")).to_have_text("Черновик сохранён.")
    context.close()


def test_a_protocol_shows_every_error_beside_its_field(site: SiteStand, page: Page) -> None:
    sign_in(page, "doctor")
    page.goto(f"/patients/{site.patient}")
    page.get_by_role("button", name="Начать визит").click()
    page.get_by_role("button", name="Протокол консультации").click()
    page.locator("[name=conclusion]").fill("Здоров")
    page.locator("[name=vital_1]").fill("тридцать")
    page.locator("[name=diagnosis0_text]").fill("Диагноз без кода")
    page.get_by_role("button", name="Сформировать и посмотреть").click()
    expect(page.locator("#wrong-complaints")).to_have_text("Заполните это поле.")
    expect(page.locator("#wrong-vital_1")).to_have_text("Нужно число.")
    expect(page.locator("#wrong-diagnosis0_icd")).to_have_text("Укажите код МКБ-10.")
    expect(page.locator("#wrong-conclusion")).to_have_count(0)
    expect(page.locator("[name=diagnosis0_text]")).to_have_value("Диагноз без кода")
    shoot(page, "ru-10-protocol-wrong")


def test_a_waiting_document_polls_its_state_without_audit_rows(site: SiteStand, page: Page) -> None:
    sign_in(page, "doctor")
    page.goto(f"/patients/{site.patient}")
    page.get_by_role("button", name="Начать визит").click()
    page.get_by_role("button", name="Протокол консультации").click()
    page.wait_for_url("**/drafts/*")
    draft = page.url
    fill_protocol(page)
    page.get_by_role("button", name="Сформировать и посмотреть").click()
    page.locator("form:has([value=software]) button").click()
    expect(page.locator(".hand-over .state")).to_have_text("ждёт передачи")
    read = len(site.audit("document:card:read"))
    with page.expect_response(lambda answer: "/link/state" in answer.url) as asked:
        pass
    assert asked.value.ok
    assert len(site.audit("document:card:read")) == read
    page.goto(draft)
    expect(page).to_have_url(re.compile("/documents/"))
