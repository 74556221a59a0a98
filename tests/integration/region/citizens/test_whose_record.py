"""A number typed on somebody else's card opens nobody's record: name and birth date decide, or a steward."""

import re
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.citizens import Named, present, token
from tests.fix_region import RegionStand, new_snils
from tests.integration.region.citizens.rows import add_card, add_person, correct_card, move_card, open_questions

PATH = "/portal/v1/documents"
ALICE = Named(patronymic="Ивановна")
BORIS = Named("Проверкин", "Борис", "Петрович", "1975-03-03", "2000299654")
HERS = {"surname": "Проверкина", "given_name": "Алиса", "patronymic": "Ивановна", "born": "1980-05-05"}


async def ask(portal: AsyncTestClient, snils: str, named: Named, method: str = "GET", path: str = PATH, **more: Any):
    address = str(portal.base_url.join(path))
    return await portal.request(method, path, headers=present(method, address, token(snils, named)), **more)


async def listed(portal: AsyncTestClient, snils: str, named: Named) -> list[str]:
    answer = await ask(portal, snils, named)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["documents"]]


async def test_a_card_of_boris_that_bears_the_number_of_alice_opens_neither_record_to_the_other(
    region: RegionStand, portal: AsyncTestClient
):
    alice, boris = new_snils(), new_snils()
    her, him = add_person(region), add_person(region)
    hers = add_card(region, her, alice, **HERS)
    mistyped = [add_card(region, him, alice) for _ in range(3)]  # most cards with her number are his
    his = add_card(region, him, boris)
    assert await listed(portal, alice, ALICE) == [str(hers.id)]
    # His golden record is disputed: most of his cards bear a number that is not his token's.
    answer = await ask(portal, boris, BORIS)
    assert (answer.status_code, answer.json()["code"]) == (409, "CitizenInDoubt")
    for one in mistyped:
        correct_card(region, one, None)
    assert set(await listed(portal, boris, BORIS)) == {str(one.id) for one in (*mistyped, his)}
    assert await listed(portal, alice, ALICE) == [str(hers.id)]


async def test_a_card_of_boris_alone_bears_the_number_of_alice_and_she_is_shown_nothing(
    region: RegionStand, portal: AsyncTestClient
):
    alice = new_snils()
    his = add_card(region, add_person(region), alice)
    for method, path, more in (
        ("GET", PATH, {}),
        ("GET", f"{PATH}/{his.id}/content", {}),
        ("GET", "/portal/v1/accesses", {}),
        ("GET", "/portal/v1/bookings", {}),
        ("POST", "/portal/v1/views", {"json": {"page": "accesses"}}),
    ):
        answer = await ask(portal, alice, ALICE, method, path, **more)
        assert (answer.status_code, answer.json()["code"]) == (409, "CitizenInDoubt"), path
        assert "Мы проверяем данные" in answer.json()["detail"]
        assert "Борис" not in answer.text
    assert len(open_questions(region, alice)) == 1


async def test_a_card_of_boris_among_those_of_alice_closes_her_record_until_it_is_split_off(
    region: RegionStand, portal: AsyncTestClient
):
    alice, her = new_snils(), add_person(region)
    hers = [add_card(region, her, alice, **HERS) for _ in range(2)]
    assert len(await listed(portal, alice, ALICE)) == 2
    his = add_card(region, her, alice)  # the index linked it by the number
    answer = await ask(portal, alice, ALICE)
    assert (answer.status_code, answer.json()["code"]) == (409, "CitizenInDoubt")
    assert (await ask(portal, alice, BORIS)).status_code == 409
    move_card(region, his, add_person(region))
    assert set(await listed(portal, alice, ALICE)) == {str(one.id) for one in hers}
    assert open_questions(region, alice) == open_questions(region, alice)[:1]


@pytest.mark.parametrize(
    "named",
    [
        Named("ПРОВЕРКИНА", "алиса", "Ивановна"),
        Named(" Проверкина ", "Aлиса", "Ивановна"),  # the first letter is Latin
        Named(patronymic=None),
        Named(birth_date="05.05.1980"),
    ],
)
async def test_the_same_name_written_otherwise_is_the_same(region: RegionStand, portal: AsyncTestClient, named: Named):
    alice = new_snils()
    hers = add_card(region, add_person(region), alice, **HERS)
    assert await listed(portal, alice, named) == [str(hers.id)]


@pytest.mark.parametrize(
    "named",
    [
        Named("Замужняя", "Алиса", "Ивановна"),
        Named(given_name="Алина"),
        Named(patronymic="Петровна"),
        Named(birth_date="1980-05-06"),
    ],
)
async def test_another_name_or_birth_date_shows_nothing(region: RegionStand, portal: AsyncTestClient, named: Named):
    alice = new_snils()
    add_card(region, add_person(region), alice, **HERS)
    answer = await ask(portal, alice, named)
    assert (answer.status_code, answer.json()["code"]) == (409, "CitizenInDoubt")


async def test_a_namesake_born_on_the_same_day_with_a_number_of_her_own_is_another(
    region: RegionStand, portal: AsyncTestClient
):
    alice, namesake, person = new_snils(), new_snils(), add_person(region)
    for snils in (namesake, namesake, alice):
        add_card(region, person, snils, **HERS)
    assert (await ask(portal, alice, ALICE)).json()["code"] == "CitizenInDoubt"


async def answer_question(steward: AsyncTestClient, question: object, answer: str) -> str:
    page = (await steward.get(f"/steward/citizens/{question}")).text
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("_csrf_token", "seen")}
    done = await steward.post(f"/steward/citizens/{question}", data={**form, "answer": answer, "words": "проверено"})
    return done.text


async def test_a_steward_says_that_it_is_the_person_until_the_cards_change(
    region: RegionStand, portal: AsyncTestClient, steward: AsyncTestClient
):
    alice, her = new_snils(), add_person(region)
    add_card(region, her, alice, **HERS)
    married = Named("Замужняя", "Алиса", "Ивановна")
    assert (await ask(portal, alice, married)).status_code == 409
    (question,) = open_questions(region, alice)
    assert "граждане с портала ждут" in (await steward.get("/steward")).text
    shown = (await steward.get(f"/steward/citizens/{question}")).text
    assert "Замужняя Алиса Ивановна" in shown
    assert "Проверкина Алиса Ивановна" in shown
    assert "Решение записано" in await answer_question(steward, question, str(her))
    assert len(await listed(portal, alice, married)) == 1
    assert (await ask(portal, alice, Named("Чужая", "Алиса", "Ивановна"))).status_code == 409
    add_card(region, her, alice)
    assert (await ask(portal, alice, married)).json()["code"] == "CitizenInDoubt"


async def test_a_steward_says_that_the_cards_are_somebody_elses(
    region: RegionStand, portal: AsyncTestClient, steward: AsyncTestClient
):
    alice, him = new_snils(), add_person(region)
    his = add_card(region, him, alice)
    assert (await ask(portal, alice, ALICE)).status_code == 409
    (question,) = open_questions(region, alice)
    await answer_question(steward, question, "nobody")
    answer = await ask(portal, alice, ALICE)
    assert (answer.status_code, answer.json()["code"]) == (409, "CitizenIsAnother")
    assert open_questions(region, alice) == []
    correct_card(region, his, None)
    assert await listed(portal, alice, ALICE) == []


async def test_cards_that_changed_under_the_stewards_eyes_are_looked_at_again(
    region: RegionStand, portal: AsyncTestClient, steward: AsyncTestClient
):
    alice, her = new_snils(), add_person(region)
    add_card(region, her, alice, **{**HERS, "surname": "Прежняя"})
    assert (await ask(portal, alice, ALICE)).status_code == 409
    (question,) = open_questions(region, alice)
    page = (await steward.get(f"/steward/citizens/{question}")).text
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("_csrf_token", "seen")}
    add_card(region, her, alice)
    late = await steward.post(f"/steward/citizens/{question}", data={**form, "answer": str(her), "words": "она"})
    assert "карты изменились" in late.text
    assert open_questions(region, alice) == [question]


async def test_the_account_stands_in_the_audit_and_before_the_citizens_eyes(
    region: RegionStand, portal: AsyncTestClient
):
    alice, her = new_snils(), add_person(region)
    hers = add_card(region, her, alice, **HERS)
    named = Named(patronymic="Ивановна", sub="7771234567")
    await ask(portal, alice, named, path=f"{PATH}/{hers.id}/content")
    assert {row[6] for row in region.audit() if row[2] == her} == {"sub 7771234567"}
    made = await ask(portal, alice, named, "POST", "/portal/v1/views", json={"page": "accesses"})
    async with region.web.client(AsyncTestClient) as browser:
        page = (await browser.get(made.json()["path"])).text
    assert "вы сами, через портал (учётная запись 7771234567)" in page
    rows = [row for row in region.audit() if row[2] == her and row[0] == "audit:trail:read"]
    assert {row[6] for row in rows} == {"sub 7771234567"}
