"""The region's pages of dictionaries: what they show, what they change, and whom they let in."""

import re
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.fix_region import PASSWORD, RegionStand
from tests.integration.nsi.shelf import ILLNESSES, TRADES, store_shelf
from trustmed.schema import Place

pytestmark = pytest.mark.parametrize("region", ["apart"], indirect=True)
OWN = "1.2.643.5.1.13.13.12.2.99.8"


@pytest.fixture(autouse=True)
def shelf(region: RegionStand) -> None:
    """Store the shelf with illnesses 1.0 in force and 2.0 waiting; only the hospital has reported its versions."""
    with region.admin(Place.NSI) as connection:
        store_shelf(connection)
        connection.execute("delete from nsi.publication where oid = %s", (ILLNESSES,))
        connection.execute(
            "insert into nsi.publication (oid, version, at, kind, author, reason)"
            " values (%s, '1.0', '2023-01-01', 'published', 'Первый', 'начало')",
            (ILLNESSES,),
        )
        connection.execute("update nsi.dictionary set current_version = '1.0' where oid = %s", (ILLNESSES,))
        connection.execute("delete from nsi.holding")
        connection.execute("delete from nsi.site_seen")
        connection.execute("insert into nsi.site_seen (site) values ('hospital')")
        connection.execute(
            "insert into nsi.holding values ('hospital', %s, '1.0'), ('hospital', %s, '0.9')", (ILLNESSES, TRADES)
        )


async def post_form(client: AsyncTestClient, address: str, **form: str) -> Any:
    """Post a form with the token that only a page gives."""
    page = await client.get("/nsi/new")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    return await client.post(address, data={**form, "_csrf_token": token}, follow_redirects=False)


async def test_pages_are_for_staff_only(portal: AsyncTestClient) -> None:
    for path in ("/nsi", "/nsi/sites", "/nsi/new", "/nsi/search", f"/nsi/{ILLNESSES}", f"/nsi/{ILLNESSES}/publish"):
        answer = await portal.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in"), path
    assert (await portal.get("/api/v1/nsi/search?q=а")).status_code == 401


async def test_the_list_can_be_filtered_and_searched(engineer: AsyncTestClient) -> None:
    page = await engineer.get("/nsi")
    assert "Пробные болезни" in page.text
    waiting = await engineer.get("/nsi?show=waiting")
    assert "Пробные болезни" in waiting.text
    assert "Пробные должности" not in waiting.text
    found = await engineer.get("/nsi", params={"q": "БОЛЕЗНИ пробн"})
    assert "Пробные должности" not in found.text
    assert (await engineer.get("/nsi", params={"q": "% ' \\"})).status_code == 200


async def test_sites_page_shows_versions_by_site(engineer: AsyncTestClient) -> None:
    page = (await engineer.get("/nsi/sites")).text
    assert "0.9 · другая" in page
    assert "ещё не отвечала" in page
    assert "Пробные болезни" in page  # the polyclinic has nothing
    assert "Пробные болезни" in (await engineer.get("/nsi/sites?every=1")).text


async def test_a_dictionarys_page_shows_its_versions_and_their_difference(engineer: AsyncTestClient) -> None:
    page = (await engineer.get(f"/nsi/{ILLNESSES}")).text
    assert "Опубликовать 2.0" in page
    assert "1 из 2" in page
    assert 'hx-trigger="every 2s"' in page
    assert "начало" in page
    page = (await engineer.get(f"/nsi/{ILLNESSES}/difference?before=1.0&after=2.0")).text
    assert re.search(r"добавлено: 2\b.*изменено: 1\b.*изъято: 0\b", page, re.DOTALL)
    assert "<ins>Лихорадка зелёная, острая форма</ins>" in page
    assert "Лихорадка зелёная" in (await engineer.get(f"/nsi/{ILLNESSES}/rows?version=2.0&q=зел")).text
    assert (await engineer.get(f"/nsi/{ILLNESSES}/difference?before=7&after=2.0")).status_code == 404
    for path in ("/nsi/1.2.3", "/nsi/1.2.3/rows", "/nsi/1.2.3/publish", "/nsi/1.2.3/draft", f"/nsi/{ILLNESSES}/draft"):
        assert (await engineer.get(path)).status_code == 404, path


async def test_a_version_is_published_and_rolled_back_with_a_reason(engineer: AsyncTestClient) -> None:
    asked = await engineer.get(f"/nsi/{ILLNESSES}/publish?version=2.0")
    assert "Сейчас действует версия" in asked.text
    address, form = f"/nsi/{ILLNESSES}/publish", {"version": "2.0", "seen": "1.0"}
    silent = await post_form(engineer, address, **form, reason="  ")
    assert silent.status_code == 422
    assert "Укажите причину" in silent.text
    stale = await post_form(engineer, address, version="2.0", seen="0.5", reason="пора")
    assert stale.status_code == 422
    assert "пора" in stale.text
    done = await post_form(engineer, address, **form, reason="новый приказ")
    assert done.status_code == 303
    page = (await engineer.get(f"/nsi/{ILLNESSES}")).text
    assert "Действует версия 2.0" in page
    assert "новый приказ" in page
    assert "Откатить к 1.0" in page
    back = await post_form(engineer, f"/nsi/{ILLNESSES}/rollback", version="1.0", seen="2.0", reason="ошибка в приказе")
    assert back.status_code == 303
    page = (await engineer.get(f"/nsi/{ILLNESSES}")).text
    assert "Действует версия 1.0" in page
    assert "ошибка в приказе" in page
    assert (await engineer.get(f"/nsi/{ILLNESSES}/rollback")).status_code == 422


async def test_nothing_is_changed_without_the_pages_token(engineer: AsyncTestClient) -> None:
    form = {"version": "2.0", "seen": "1.0", "reason": "чужая страница"}
    assert (await engineer.post(f"/nsi/{ILLNESSES}/publish", data=form)).status_code == 403
    assert "Действует версия 1.0" in (await engineer.get(f"/nsi/{ILLNESSES}")).text


async def test_an_analyst_can_edit_and_cannot_publish(portal: AsyncTestClient) -> None:
    del portal.headers["authorization"]
    page = await portal.get("/sign-in")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    await portal.post("/sign-in", data={"login": "analyst", "password": PASSWORD, "_csrf_token": token})
    page = await portal.get(f"/nsi/{ILLNESSES}")
    assert page.status_code == 200
    assert "/publish" not in page.text
    assert (await portal.get(f"/nsi/{ILLNESSES}/publish?version=2.0")).status_code == 403
    refused = await post_form(portal, f"/nsi/{ILLNESSES}/publish", version="2.0", seen="1.0", reason="x")
    assert refused.status_code == 403
    assert (await portal.get("/nsi/new")).status_code == 200


async def test_an_own_dictionary_goes_from_draft_to_publication(engineer: AsyncTestClient) -> None:
    wrong = await post_form(engineer, "/nsi/new", oid=ILLNESSES, title="Корпуса", columns="")
    assert wrong.status_code == 422
    assert "уже занят" in wrong.text
    made = await post_form(engineer, "/nsi/new", oid=OWN, title="Корпуса региона", columns="ADDRESS Адрес")
    assert made.headers["location"] == f"/nsi/{OWN}/draft"
    assert (await engineer.get(f"/nsi/{OWN}")).status_code == 404
    assert "Корпуса региона" in (await engineer.get("/nsi")).text
    row = {"CODE": "К-1/а", "NAME": "Главный", "ADDRESS": "Лесная, 1"}
    assert (await post_form(engineer, f"/nsi/{OWN}/draft/row", **row)).status_code == 303
    again = await post_form(engineer, f"/nsi/{OWN}/draft/row", **row)
    assert again.status_code == 422
    assert "уже есть" in again.text
    change = {"key": "К-1/а", "revision": "1", "NAME": "Главный корпус", "ADDRESS": "Лесная, 1"}
    assert (await post_form(engineer, f"/nsi/{OWN}/draft/row", **change)).status_code == 303
    late = await post_form(engineer, f"/nsi/{OWN}/draft/row", **(change | {"NAME": "Старый корпус"}))
    assert late.status_code == 422
    assert "Ваша правка не записана" in late.text
    assert "<ins>Главный корпус</ins>" in late.text
    assert "Старый корпус" in late.text
    assert (await engineer.get(f"/nsi/{OWN}/draft/row?key=nobody")).status_code == 404
    assert "К-1/а" in (await engineer.get(f"/nsi/{OWN}/draft?q=главн")).text
    bad = await post_form(engineer, f"/nsi/{OWN}/draft/version", number="один")
    assert bad.status_code == 422
    done = await post_form(engineer, f"/nsi/{OWN}/draft/version", number="1.0", notes="первая")
    assert done.headers["location"] == f"/nsi/{OWN}?made=1.0"
    page = (await engineer.get(f"/nsi/{OWN}")).text
    assert "Ни одна версия ещё не опубликована" in page
    assert "Опубликовать 1.0" in page
    published = await post_form(engineer, f"/nsi/{OWN}/publish", version="1.0", seen="", reason="начало")
    assert published.status_code == 303
    found = (await engineer.get("/api/v1/nsi/search", params={"q": "ukfdysq", "oid": OWN})).json()
    assert [row["key"] for row in found["rows"]] == ["К-1/а"]
    assert "Лесная, 1" in (await engineer.get("/nsi/search/entry", params={"oid": OWN, "key": "К-1/а"})).text


async def test_a_missing_file_is_refused(engineer: AsyncTestClient) -> None:
    await post_form(engineer, "/nsi/new", oid=f"{OWN}.1", title="Для файла", columns="")
    answer = await post_form(engineer, f"/nsi/{OWN}.1/draft/file")
    assert answer.status_code == 422
    assert "Выберите файл" in answer.text
