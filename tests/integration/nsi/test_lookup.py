"""Finding rows of dictionaries in a real database."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from tests.examples import examples
from tests.fix_schema import create_migrated
from tests.fix_servers import RunningPostgres
from tests.integration.nsi.shelf import ALIAS, ILLNESSES, TRADES, store_shelf
from trustmed.nsi.errors import DictionaryUnknown, EntryUnknown, NoVersionThen, ParentWithoutDictionary
from trustmed.nsi.model import Query
from trustmed.nsi.search import card, editions, find
from trustmed.patient.writing import folded
from trustmed.schema import Place

NOW = dt.date(2026, 11, 5)


@pytest.fixture(scope="module")
def lookup_database(postgres_server: RunningPostgres) -> Iterator[str]:
    """A site's database with the dictionaries of `shelf`."""
    conninfo = create_migrated(postgres_server, "lookup", frozenset({Place.SITE}))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        store_shelf(connection)
    yield conninfo
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        admin.execute("drop database lookup with (force)")


@pytest.fixture
async def connection(lookup_database: str) -> AsyncIterator[AsyncConnection]:
    async with await AsyncConnection.connect(lookup_database, autocommit=True) as site:
        await site.execute("set role trustmed_clinic")
        yield site


async def find_keys(connection: AsyncConnection, line: str, oid: str | None = ILLNESSES, **more: Any) -> list[str]:
    return [row.key for row in (await find(connection, Query(line, oid, **more))).rows]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("q00.1", ["4"]),
        ("Q00", ["3", "2", "4"]),  # the code itself, then codes that begin with it, the shorter name first
        ("зеленая", ["3", "4"]),
        ("ЗЕЛЁНАЯ лихо", ["3", "4"]),
        ("остр зел", ["4"]),
        ("холестер", ["7", "6"]),  # a word's beginning before its middle
        ("[jktcnth", ["7", "6"]),
        ("с50", ["6"]),  # a Cyrillic letter that looks like the code's
        ("а50", ["7"]),  # F typed in the Russian layout
        ("упраздн", ["5"]),
        ("ли", ["3", "4", "2", "5"]),  # the withdrawn one last
        ("гиперх", ["6"]),
        ("нет такого", []),
    ],
)
async def test_the_best_rows_come_first(connection: AsyncConnection, line: str, found: list[str]) -> None:
    assert await find_keys(connection, line) == found


@pytest.mark.parametrize("line", ["%", "_", "'", "\\", "% _", "\u200b%"])
async def test_punctuation_alone_finds_nothing(connection: AsyncConnection, line: str) -> None:
    assert (await find(connection, Query(line))).rows == ()


async def test_punctuation_between_words_is_ignored(connection: AsyncConnection) -> None:
    assert await find_keys(connection, "100% 'врач'", TRADES) == ["100"]
    assert await find_keys(connection, "врач пробный", TRADES) == ["7", "34"]


async def test_all_dictionaries_are_searched_at_once(connection: AsyncConnection) -> None:
    answer = await find(connection, Query("пробн"))
    assert {row.oid for row in answer.rows} == {ILLNESSES, TRADES}
    assert {(one.oid, one.version) for one in answer.editions} == {(ILLNESSES, "2.0"), (TRADES, "1.0")}
    assert (await find(connection, Query("rfhlbjkju"))).read_as == "кардиолог"


async def test_an_answer_is_limited_and_says_there_is_more(connection: AsyncConnection) -> None:
    answer = await find(connection, Query("пробн", limit=2))
    assert len(answer.rows) == 2
    assert answer.has_more


async def test_only_rows_with_matching_codes_are_found(connection: AsyncConnection) -> None:
    assert await find_keys(connection, "лих", codes=r"^[A-Z][0-9]{2}$") == ["3", "5"]
    assert await find_keys(connection, "", codes=r"^[A-Z][0-9]{2}$") == []


async def test_rows_are_listed_down_the_tree(connection: AsyncConnection) -> None:
    roots = await find(connection, Query(oid=ILLNESSES))
    assert [(row.key, row.has_children) for row in roots.rows] == [("1", True)]
    under = await find(connection, Query(oid=ILLNESSES, parent="2"))
    assert [row.key for row in under.rows] == ["3", "5"]
    assert [row.key for row in under.path] == ["1", "2"]
    assert await find_keys(connection, "зел", parent="2") == ["3"]
    assert await find_keys(connection, "зел", parent="1") == []


@pytest.mark.parametrize(
    ("day", "version", "is_published"),
    [(dt.date(2024, 6, 1), "2.0", True), (dt.date(2024, 5, 31), "2.0", False), (dt.date(2023, 1, 1), "1.0", False)],
)
async def test_rows_are_found_as_of_a_day(
    connection: AsyncConnection, day: dt.date, version: str, *, is_published: bool
) -> None:
    answer = await find(connection, Query("острая", ILLNESSES, on=day))
    (edition,) = answer.editions
    assert (edition.version, edition.is_published) == (version, is_published)
    assert [row.version for row in answer.rows] == [version]


async def test_before_the_first_version_nothing_is_found(connection: AsyncConnection) -> None:
    with pytest.raises(NoVersionThen):
        await find(connection, Query("острая", ILLNESSES, on=dt.date(2019, 1, 1)))
    assert (await find(connection, Query("острая", on=dt.date(2019, 1, 1)))).rows == ()


async def test_after_a_rollback_the_older_version_is_in_force(connection: AsyncConnection) -> None:
    await connection.execute("reset role")
    async with connection.transaction(force_rollback=True):
        await connection.execute(
            "insert into nsi.publication (oid, version, at, kind, author)"
            " values (%s, '1.0', '2024-07-01 12:00', 'rolled_back', 'x')",
            (ILLNESSES,),
        )
        assert [one.version for one in await editions(connection, ILLNESSES, dt.date(2024, 6, 30))] == ["2.0"]
        assert [one.version for one in await editions(connection, ILLNESSES, dt.date(2024, 7, 1))] == ["1.0"]


async def test_a_dictionary_is_found_by_its_alias(connection: AsyncConnection) -> None:
    answer = await find(connection, Query("q01", ALIAS))
    assert [(row.oid, row.is_past) for row in answer.rows] == [(ILLNESSES, True)]


@pytest.mark.parametrize("oid", ["1.2.3", "no oid", "1.2.643.77.5001' or '1'='1", "\u0661.2", "1\x00"])
async def test_an_unknown_dictionary_is_refused(connection: AsyncConnection, oid: str) -> None:
    with pytest.raises(DictionaryUnknown):
        await find(connection, Query("а", oid))


async def test_an_unknown_parent_is_refused(connection: AsyncConnection) -> None:
    for key in ("nobody", "\x00"):
        with pytest.raises(EntryUnknown):
            await find(connection, Query(oid=ILLNESSES, parent=key))
    with pytest.raises(ParentWithoutDictionary):
        await find(connection, Query("а", parent="1"))


async def test_a_card_shows_the_whole_row(connection: AsyncConnection) -> None:
    found = await card(connection, ALIAS, "4")
    assert [(field.title, field.value) for field in found.fields][:3] == [
        ("Идентификатор", "4"),
        ("Код болезни", "Q00.1"),
        ("Наименование болезни", "Лихорадка зелёная, острая форма"),
    ]
    assert [row.key for row in found.path] == ["1", "2", "3", "4"]
    assert [(seen.version, seen.name, seen.is_current) for seen in found.versions] == [
        ("2.0", "Лихорадка зелёная, острая форма", True),
        ("1.0", "Лихорадка зелёная острая", False),
    ]
    assert (await card(connection, ILLNESSES, "4", version="1.0")).row.name == "Лихорадка зелёная острая"
    assert (await card(connection, ILLNESSES, "2")).children == 2
    for version in ("1.0", "9.9"):
        with pytest.raises(EntryUnknown):
            await card(connection, ILLNESSES, "7", version=version)


async def test_a_cycle_of_parents_does_not_hang_the_search(connection: AsyncConnection) -> None:
    await connection.execute("reset role")
    async with connection.transaction(force_rollback=True):
        await connection.execute("update nsi.entry set parent_key = '4' where oid = %s and key = '3'", (ILLNESSES,))
        answer = await find(connection, Query(oid=ILLNESSES, parent="4"))
        assert len(answer.path) <= 21


@given(st.lists(st.text(), min_size=1, max_size=40))
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_folds_letters_as_the_program_does(lookup_database: str, texts: list[str]) -> None:
    """Letters whose lower case takes several characters are left out: no dictionary has them."""
    storable = [text.replace("\0", "") for text in texts]
    plain = [
        text for text in storable if all(len(c.lower()) == 1 and c.lower().upper().lower() == c.lower() for c in text)
    ]
    with psycopg.connect(lookup_database, autocommit=True) as connection:
        rows = connection.execute("select t, nsi.folded(t) from unnest(%s::text[]) t", (plain,)).fetchall()
    assert [(text, folded(text)) for text, _ in rows] == rows
