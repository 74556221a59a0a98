"""The region's own dictionaries, edited in a real database through the services of the pages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fix_region import RegionStand
from trustmed.db.rows import find_value
from trustmed.region.nsi.editing import making, service
from trustmed.region.nsi.editing.errors import (
    ChangedMeanwhile,
    ColumnsWrong,
    DraftUnknown,
    FieldEmpty,
    FileColumnsWrong,
    FileRowWrong,
    HasRowsUnder,
    NothingChanged,
    NumberWrong,
    OidTaken,
    OidWrong,
    ParentWrong,
    RowThere,
    RowUnknown,
)
from trustmed.region.nsi.files.refusals import ImportRefused
from trustmed.region.nsi.versions import service as nsi
from trustmed.region.pools import Pools
from trustmed.schema import Place

pytestmark = pytest.mark.parametrize("region", ["apart"], indirect=True)
ANNA, BORIS = "Анна", "Борис"
numbers = iter(range(1, 1000))


@pytest.fixture
async def pools(region: RegionStand) -> AsyncIterator[Pools]:
    opened = Pools(region.topology)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def oid(pools: Pools) -> str:
    """A dictionary with levels and a column ADDRESS, no rows yet."""
    oid = f"1.2.643.5.1.13.13.12.2.99.7.{next(numbers)}"
    return await service.begin_draft(pools, oid, "Корпуса", "", "ADDRESS Адрес\n", ANNA, has_levels=True)


async def add_row(pools: Pools, oid: str, key: str, name: str, **more: str) -> str:
    return await service.add_row(pools, oid, {"CODE": key, "NAME": name, **more}, ANNA)


def count(region: RegionStand, query: str, *values: str) -> int:
    with region.admin(Place.NSI) as connection:
        return find_value(connection, query.encode(), values)


async def test_a_draft_is_invisible_until_it_becomes_a_version(pools: Pools, region: RegionStand, oid: str) -> None:
    await add_row(pools, oid, "1", "  Главный\u200b корпус ", ADDRESS="Лесная, 1")
    assert count(region, "select count(*) from nsi.dictionary where oid = %s", oid) == 0
    version = await making.make_version(pools, oid, await making.find_next_number(pools, oid), "Первая", ANNA)
    assert version == "1.0"
    line = await nsi.find_dictionary(pools, oid)
    assert (line.is_own, line.current_version, line.newest_version, line.rows) == (True, None, "1.0", 1)
    (made,) = await nsi.find_versions(pools, oid)
    assert (made.imported_by, [column.title for column in made.columns][-1]) == (ANNA, "Адрес")
    (row,) = (await nsi.find_entries(pools, oid, "1.0")).entries
    assert (row.code, row.name, row.content["ADDRESS"]) == ("1", "Главный корпус", "Лесная, 1")
    published = await nsi.publish(pools, oid, None, BORIS, "нужен площадкам")
    assert (published.version, published.author) == ("1.0", BORIS)


async def test_edits_after_a_version_become_the_next_version(pools: Pools, region: RegionStand, oid: str) -> None:
    for key, name in (("1", "Первый"), ("2", "Второй"), ("3", "Третий")):
        await add_row(pools, oid, key, name)
    await making.make_version(pools, oid, "1.0", "", ANNA)
    assert not (await service.find_draft(pools, oid)).is_changed
    with pytest.raises(NothingChanged):
        await making.make_version(pools, oid, "1.1", "", ANNA)
    await service.change_row(pools, oid, "2", 1, {"NAME": "Второй, новый"}, BORIS)
    await service.withdraw_row(pools, oid, "3", 1, BORIS)
    await add_row(pools, oid, "4", "Четвёртый")
    edited = await service.find_draft(pools, oid)
    assert (edited.rows, edited.added, edited.changed, edited.withdrawn) == (3, 1, 1, 1)
    states = {row.key: str(row.state) for row in (await service.find_rows(pools, oid)).rows}
    assert states == {"1": "same", "2": "changed", "3": "withdrawn", "4": "added"}
    assert [row.key for row in (await service.find_rows(pools, oid, state="edited")).rows] == ["2", "3", "4"]
    assert [row.key for row in (await service.find_rows(pools, oid, "чЕТВЕР")).rows] == ["4"]
    assert await making.find_next_number(pools, oid) == "1.1"
    await making.make_version(pools, oid, "1.1", "", BORIS)
    found = await nsi.find_difference(pools, oid, "1.0", "1.1")
    assert (found.added, found.changed, found.withdrawn) == (1, 1, 1)
    assert [row.key for row in (await service.find_rows(pools, oid)).rows] == ["1", "2", "4"]
    assert count(region, "select count(*) from nsi.entry where oid = %s and version = '1.0'", oid) == 3


async def test_two_editors_do_not_overwrite_each_other(pools: Pools, oid: str) -> None:
    await add_row(pools, oid, "1", "Первый")
    await service.change_row(pools, oid, "1", 1, {"NAME": "Как у Бориса"}, BORIS)
    with pytest.raises(ChangedMeanwhile) as refused:
        await service.change_row(pools, oid, "1", 1, {"NAME": "Как у Анны"}, ANNA)
    assert BORIS in refused.value.ru
    assert BORIS in refused.value.en
    with pytest.raises(ChangedMeanwhile):
        await service.withdraw_row(pools, oid, "1", 1, ANNA)
    row = await service.find_row(pools, oid, "1")
    assert (row.name, row.revision, row.changed_by) == ("Как у Бориса", 2, BORIS)


async def test_one_of_several_simultaneous_edits_wins(pools: Pools, oid: str) -> None:
    await add_row(pools, oid, "1", "Первый")
    edits = [service.change_row(pools, oid, "1", 1, {"NAME": f"Правка {n}"}, f"№{n}") for n in range(6)]
    done = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(one is None for one in done) == 1
    assert sum(isinstance(one, ChangedMeanwhile) for one in done) == 5
    versions = [making.make_version(pools, oid, "1.0", "", f"№{n}") for n in range(3)]
    made = await asyncio.gather(*versions, return_exceptions=True)
    assert sum(one == "1.0" for one in made) == 1
    assert [one.version for one in await nsi.find_versions(pools, oid)] == ["1.0"]


async def test_a_withdrawn_new_row_leaves_no_trace_and_a_withdrawn_old_row_can_come_back(
    pools: Pools, oid: str
) -> None:
    await add_row(pools, oid, "1", "Первый")
    await making.make_version(pools, oid, "1.0", "", ANNA)
    await add_row(pools, oid, "2", "Лишний")
    await service.withdraw_row(pools, oid, "2", 1, ANNA)
    with pytest.raises(RowUnknown):
        await service.find_row(pools, oid, "2")
    await service.withdraw_row(pools, oid, "1", 1, ANNA)
    with pytest.raises(NothingChanged):  # a version without rows
        await making.make_version(pools, oid, "1.1", "", ANNA)
    await service.change_row(pools, oid, "1", 2, {"NAME": "Первый"}, ANNA)
    assert not (await service.find_draft(pools, oid)).is_changed


async def test_parents_must_exist_and_form_no_cycle(pools: Pools, oid: str) -> None:
    await add_row(pools, oid, "1", "Верх")
    await add_row(pools, oid, "2", "Низ", PARENT="1")
    for parent in ("2", "1", "nobody"):
        with pytest.raises(ParentWrong):
            await service.change_row(pools, oid, "1", 1, {"NAME": "Верх", "PARENT": parent}, ANNA)
    with pytest.raises(ParentWrong):
        await add_row(pools, oid, "3", "Сирота", PARENT="nobody")
    with pytest.raises(RowUnknown):
        await service.find_row(pools, oid, "3")
    with pytest.raises(HasRowsUnder):
        await service.withdraw_row(pools, oid, "1", 1, ANNA)
    await making.make_version(pools, oid, "1.0", "", ANNA)
    assert [(row.key, row.parent_key) for row in (await nsi.find_entries(pools, oid, "1.0")).entries] == [
        ("1", None),
        ("2", "1"),
    ]


async def test_invalid_rows_and_version_numbers_are_refused(pools: Pools, oid: str) -> None:
    await add_row(pools, oid, "1", "Первый")
    with pytest.raises(RowThere):
        await add_row(pools, oid, " 1 ", "Ещё раз")
    for key, name in (("", "Без кода"), ("2", " \u200b ")):
        with pytest.raises(FieldEmpty):
            await add_row(pools, oid, key, name)
    for number in ("", "первая", "1..0", "-1", "1.0'"):
        with pytest.raises(NumberWrong):
            await making.make_version(pools, oid, number, "", ANNA)
    await making.make_version(pools, oid, "2.0", "", ANNA)
    await add_row(pools, oid, "2", "Второй")
    for number in ("2.0", "1.9", "2"):
        with pytest.raises(NumberWrong):
            await making.make_version(pools, oid, number, "", ANNA)


async def test_only_the_regions_own_dictionaries_are_edited(pools: Pools, region: RegionStand, oid: str) -> None:
    with region.admin(Place.NSI) as connection:
        connection.execute("insert into nsi.dictionary (oid, title) values ('1.2.643.9.9', 'x') on conflict do nothing")
        connection.execute("insert into nsi.alias values ('1.2.643.9.10', '1.2.643.9.9') on conflict do nothing")
    for taken in ("1.2.643.9.9", "1.2.643.9.10", oid):
        with pytest.raises(OidTaken):
            await service.begin_draft(pools, taken, "Мой", "", "", ANNA, has_levels=False)
    for wrong in ("", "корпуса", "1.02.3", "3.1", "1.2.643.9.9'"):
        with pytest.raises(OidWrong):
            await service.begin_draft(pools, wrong, "Мой", "", "", ANNA, has_levels=False)
    for columns in ("Адрес", "CODE Код", "A Раз\na Два", "1A Адрес"):
        with pytest.raises(ColumnsWrong):
            await service.begin_draft(pools, f"{oid}.1", "Мой", "", columns, ANNA, has_levels=False)
    with pytest.raises(DraftUnknown):
        await service.add_row(pools, "1.2.643.9.9", {"CODE": "1", "NAME": "x"}, ANNA)
    with pytest.raises(DraftUnknown):
        await making.make_version(pools, "1.2.643.9.9", "1.0", "", ANNA)


async def test_a_file_is_taken_whole_or_not_at_all(pools: Pools, oid: str) -> None:
    await add_row(pools, oid, "1", "Первый", ADDRESS="Старый адрес")
    await add_row(pools, oid, "9", "Девятый")
    file = "Код;NAME;адрес;PARENT\r\n1;Первый;Новый адрес;\r\n2;«Второй; или так»;;1\r\n"
    with pytest.raises(ImportRefused):
        await service.take_file(pools, oid, "rows.csv", file.encode(), ANNA)
    file = 'Код;NAME;адрес;PARENT\r\n1;Первый;Новый адрес;\r\n2;"Второй; или так";;1\r\n'
    taken = await service.take_file(pools, oid, "rows.csv", file.encode("utf-8-sig"), BORIS)
    assert (taken.added, taken.changed, taken.withdrawn, taken.same) == (1, 1, 0, 0)
    assert (await service.find_row(pools, oid, "1")).content["ADDRESS"] == "Новый адрес"
    again = await service.take_file(pools, oid, "rows.csv", file.encode(), BORIS, withdraw_absent=True)
    assert (again.added, again.changed, again.withdrawn, again.same) == (0, 0, 1, 2)
    for broken in (
        "Код;NAME\n3;Третий\n3;Ещё третий\n",
        "Код;NAME\n3;Третий\n4;\n",
        "Код;NAME;PARENT\n3;Третий;4\n4;Четвёртый;3\n",
        "Код;NAME;PARENT\n3;Третий;nobody\n",
    ):
        with pytest.raises(FileRowWrong):
            await service.take_file(pools, oid, "rows.csv", broken.encode(), ANNA)
    for header in ("Код;Телефон\n", "NAME\n", "Код;CODE;NAME\n"):
        with pytest.raises(FileColumnsWrong):
            await service.take_file(pools, oid, "rows.csv", header.encode(), ANNA)
    with pytest.raises(ImportRefused):
        await service.take_file(pools, oid, "rows.csv", "Код;NAME\n3;Третий\n".encode("utf-16"), ANNA)
    with pytest.raises(RowUnknown):
        await service.find_row(pools, oid, "3")
