"""Patients: search in Russian order, registration, and which cards each organisation sees."""

import pytest

from tests.fix_site import Client, SiteStand
from tests.searching import search

ELKINA = {"surname": " Ёлкина ", "given_name": "Яна", "birth_date": "1990-02-03", "sex": 2, "snils": "112-233-445 95"}


async def find_names(client: Client, line: str) -> list[str]:
    answer = await client.post("/api/v1/patients/find", json={"line": line})
    assert answer.status_code == 200, answer.text
    return [f"{one['surname']} {one['given_name']}" for one in answer.json()["patients"]]


async def test_a_registered_patient_is_found_by_any_field(site: SiteStand, client: Client) -> None:
    registrar = await client.sign_in("registrar")
    made = await registrar.post("/api/v1/patients", json=ELKINA)
    assert made.status_code == 201, made.text
    for line in ("ЕЛКИНА ян", "ёлк", "11223344595", "03.02.1990", "елкина 1990-02-03"):
        assert "Ёлкина Яна" in await find_names(registrar, line), line
    assert await find_names(registrar, "елкина 04.02.1990") == []
    assert site.audit("patient:list:read")[-1].outcome == "granted"


async def test_pages_follow_the_russian_alphabet(doctor: Client) -> None:
    seen: list[str] = []
    after = None
    while True:
        answer = (await doctor.post("/api/v1/patients/find", json={"after": after})).json()
        seen += [one["sort_key"] for one in answer["patients"]]
        if answer["next_after"] is None:
            break
        after = answer["next_after"]
    assert len(seen) > 40
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "change",
    [
        {"snils": "11223344596"},
        {"enp": "1"},
        {"birth_date": "1800-01-01"},
        {"surname": " "},
        {"surname": "\u200b\x00"},
        {"surname": "я" * 101},
        {"address": "я" * 1001},
        {"sex": 7},
    ],
)
async def test_a_wrong_field_is_refused(client: Client, change: dict[str, object]) -> None:
    registrar = await client.sign_in("registrar")
    answer = await registrar.post("/api/v1/patients", json=ELKINA | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "FieldWrong")


async def test_the_longest_name_is_stored(client: Client) -> None:
    registrar = await client.sign_in("registrar")
    incompressible = "".join(chr(0x430 + place * place % 31) for place in range(100))
    longest = {"surname": incompressible, "given_name": incompressible, "patronymic": incompressible}
    answer = await registrar.post("/api/v1/patients", json=ELKINA | longest)
    assert answer.status_code == 201, answer.text


async def test_a_null_character_in_a_search_is_no_server_error(doctor: Client) -> None:
    assert (await doctor.get("/dictionaries/icd/0?diagnosis0_icd=%00")).status_code == 200
    assert (await search(doctor, "/patients", q="а\0б")).status_code == 200
    assert (await doctor.post("/api/v1/patients/find", json={"line": "а\0б"})).status_code == 200


async def test_a_form_with_a_wrong_field_is_shown_again_with_what_was_typed(client: Client) -> None:
    registrar = await client.sign_in("registrar")
    form = {"surname": "Ёлкина", "given_name": "Яна", "birth_date": "1990-02-03", "sex": "²"}
    page = await registrar.get("/patients/new")
    token = page.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    answer = await registrar.post("/patients/new", data=form | {"_csrf_token": token})
    assert (answer.status_code, "Ёлкина" in answer.text) == (422, True)


async def test_a_patient_of_another_organisation_is_not_found(site: SiteStand, doctor: Client) -> None:
    address = f"/api/v1/patients/{site.strange_patient}"
    assert (await doctor.get(address)).status_code == 404
    access = site.audit("patient:card:read")[-1]
    assert (access.outcome, access.patient_id) == ("not_found", site.strange_patient)
    started = await doctor.post("/api/v1/visits", json={"patient_id": str(site.strange_patient)})
    assert (started.status_code, started.json()["code"]) == (404, "PatientMissing")
    stranger = await doctor.sign_in("stranger")
    assert (await stranger.get(address)).status_code == 200


async def test_each_role_reaches_only_its_own_pages(site: SiteStand, client: Client) -> None:
    assert (await client.post("/api/v1/patients/find", json={})).status_code == 401
    engineer = await client.sign_in("engineer")
    assert (await engineer.post("/api/v1/patients/find", json={})).status_code == 403
    assert (await engineer.get(f"/patients/{site.patient}")).status_code == 403
    assert [(entry.outcome, entry.patient_id) for entry in site.audit("account:route:open")[-2:]] == [
        ("refused", None),
        ("refused", site.patient),
    ]
    head = await client.sign_in("head")
    assert (await head.post("/api/v1/patients/find", json={})).status_code == 200
    assert (await head.post("/api/v1/patients", json=ELKINA)).status_code == 403
    assert (await head.get("/audit")).status_code == 200
    assert (await (await head.sign_in("doctor")).get("/audit")).status_code == 403


async def test_errors_speak_both_languages(doctor: Client, site: SiteStand) -> None:
    address = f"/api/v1/patients/{site.strange_patient}"
    doctor.cookies.set("trustmed_language", "en")
    assert "There is no such patient" in (await doctor.get(address)).json()["detail"]
    doctor.cookies.set("trustmed_language", "ru")
    assert "Такого пациента" in (await doctor.get(address)).json()["detail"]
    page = await doctor.get("/nowhere")
    assert (page.status_code, "Не найдено" in page.text) == (404, True)
    assert "script-src" not in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_the_interface_is_described_by_openapi(doctor: Client) -> None:
    described = (await doctor.get("/api/docs/openapi.json")).json()
    assert "/api/v1/documents/{document_id}/sign" in described["paths"]
    assert "/patients/new" not in described["paths"]
