"""Dictionaries at a site: for programs and on pages, in the site's own replica."""

import pytest

from tests.fix_site import Client, SiteStand
from tests.integration.nsi.shelf import ALIAS, ILLNESSES, store_shelf


@pytest.fixture(autouse=True)
def shelf(site: SiteStand) -> None:
    with site.admin() as connection:
        store_shelf(connection)


@pytest.mark.parametrize("role", ["doctor", "registrar", "head"])
async def test_all_medical_staff_can_look_up_rows(client: Client, role: str) -> None:
    await client.sign_in(role)
    answer = await client.get("/api/v1/nsi/search", params={"q": "[jktcnth", "oid": ALIAS, "limit": "5"})
    assert answer.status_code == 200
    found = answer.json()
    assert [row["key"] for row in found["rows"]] == ["7", "6"]
    assert (found["read_as"], found["has_more"]) == ("холестер", False)
    assert [(one["oid"], one["version"]) for one in found["editions"]] == [(ILLNESSES, "2.0")]


async def test_other_roles_cannot_look_up_rows(client: Client) -> None:
    assert (await client.get("/api/v1/nsi/search?q=а")).status_code == 401
    await client.sign_in("engineer")
    for address in ("/api/v1/nsi/search?q=а", "/api/v1/nsi/dictionaries", "/nsi", f"/nsi/entry?oid={ILLNESSES}&key=1"):
        assert (await client.get(address)).status_code == 403, address


async def test_rows_are_found_as_of_a_day_and_under_a_parent(doctor: Client) -> None:
    params = {"oid": ILLNESSES, "parent": "3", "on": "2023-05-01"}
    found = (await doctor.get("/api/v1/nsi/search", params=params)).json()
    assert [(row["key"], row["version"], row["name"]) for row in found["rows"]] == [
        ("4", "1.0", "Лихорадка зелёная острая")
    ]
    assert [row["key"] for row in found["path"]] == ["1", "2", "3"]
    assert found["on"] == "2023-05-01"


async def test_a_program_gets_a_row_with_its_columns(doctor: Client) -> None:
    found = (await doctor.get("/api/v1/nsi/entry", params={"oid": ILLNESSES, "key": "4"})).json()
    assert found["row"]["name"] == "Лихорадка зелёная, острая форма"
    assert {"name": "NAME", "title": "Наименование болезни", "value": found["row"]["name"]} in found["fields"]
    listed = (await doctor.get("/api/v1/nsi/dictionaries", params={"on": "2021-01-01"})).json()["dictionaries"]
    assert [(one["oid"], one["version"]) for one in listed if one["oid"] == ILLNESSES] == [(ILLNESSES, "1.0")]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"q": "а", "oid": "1.2.3.4"}, 404, "DictionaryUnknown"),
        ({"q": "а", "on": "31.02.2024"}, 422, "DayWrong"),
        ({"q": "а", "on": "yesterday"}, 422, "DayWrong"),
        ({"q": "а" * 201}, 422, "LineTooLong"),
        ({"q": "а", "limit": "0"}, 422, "LimitWrong"),
        ({"q": "а", "limit": "many"}, 422, "LimitWrong"),
        ({"q": "а", "limit": "\u0662"}, 422, "LimitWrong"),
        ({"q": "а", "parent": "1"}, 422, "ParentWithoutDictionary"),
        ({"oid": ILLNESSES, "parent": "nobody"}, 404, "EntryUnknown"),
        ({"oid": ILLNESSES, "on": "2001-01-01"}, 404, "NoVersionThen"),
    ],
)
async def test_an_unanswerable_search_is_refused_with_the_reason(
    doctor: Client, params: dict[str, str], status: int, code: str
) -> None:
    answer = await doctor.get("/api/v1/nsi/search", params=params)
    assert answer.status_code == status
    assert code in answer.text


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "\\", "\x00", "\u200b\u00ad", "'; drop table nsi.entry; --"])
async def test_odd_characters_do_not_break_the_search(doctor: Client, q: str) -> None:
    for address in ("/api/v1/nsi/search", "/nsi"):
        assert (await doctor.get(address, params={"q": q, "oid": ILLNESSES})).status_code == 200


async def test_the_pages_search_and_show_rows(doctor: Client) -> None:
    page = await doctor.get("/nsi")
    assert "Пробные болезни" in page.text
    page = await doctor.get("/nsi", params={"q": "зел остр"})
    assert f"/nsi/entry?oid={ILLNESSES}&amp;key=4" in page.text
    page = await doctor.get("/nsi", params={"on": "вчера", "q": "зел"})
    assert page.status_code == 422
    assert "«вчера» не дата" in page.text
    page = await doctor.get("/nsi/entry", params={"oid": ILLNESSES, "key": "4", "on": "2023-01-01"})
    assert "Лихорадка зелёная острая" in page.text
    assert "Наименование болезни" in page.text
    assert (await doctor.get("/nsi/entry", params={"oid": ILLNESSES, "key": "400"})).status_code == 404
    assert (await doctor.get("/nsi", params={"q": "а" * 201})).status_code == 422


async def test_the_diagnosis_field_finds_by_code_word_or_wrong_layout(doctor: Client, site: SiteStand) -> None:
    with site.admin() as connection:
        row = connection.execute(
            "select code, name from nsi.entry where oid = '1.2.643.5.1.13.13.11.1005' and code ~ '^I11'"
        ).fetchone()
    assert row
    word = row[1].split()[0][:6]
    for typed in (row[0].lower(), word, row[0].replace("I", "ш")):
        page = await doctor.get("/dictionaries/icd/0", params={"diagnosis0_icd": typed})
        assert f'data-code="{row[0]}"' in page.text, typed
    page = await doctor.get("/dictionaries/icd/0", params={"diagnosis0_icd": "zzzz"})
    assert "Проверьте написание" in page.text
    assert (await doctor.get("/dictionaries/icd/0", params={"diagnosis0_icd": "а" * 201})).status_code == 422
