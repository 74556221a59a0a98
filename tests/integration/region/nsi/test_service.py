"""The service of dictionaries behind the region's pages, over its pools."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from tests.fix_region import RegionStand
from tests.nsi_samples import ROWS, new_oid, write_zip
from trustmed.region.nsi.importing.batch import import_paths
from trustmed.region.nsi.metrics import SpreadGauges
from trustmed.region.nsi.versions import errors, service, work
from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries
from trustmed.region.pools import Pools
from trustmed.schema import Place


@pytest.fixture
def imported(region: RegionStand, tmp_path: Path) -> tuple[str, str]:
    """OID and alias of a dictionary of versions 1.9 and 1.10."""
    oid, alias = new_oid(), new_oid()
    codes = [{"value": oid}, {"value": alias}]
    write_zip(tmp_path, oid, "1.9", codes=codes)
    write_zip(tmp_path, oid, "1.10", [{**row, "NAME": "Иная"} if row["ID"] == "2" else row for row in ROWS[:4]])
    with connect_to_dictionaries(region.topology) as connection:
        import_paths(connection, [tmp_path], "me", lambda step: None)
    return oid, alias


async def test_a_version_is_published_and_rolled_back(pools: Pools, imported: tuple[str, str]) -> None:
    oid, alias = imported
    line = await service.find_dictionary(pools, alias)
    assert (line.oid, line.aliases, line.current_version, line.newest_version) == (oid, [alias], None, "1.10")
    assert line.has_unpublished
    assert line in await service.find_dictionaries(pools)
    await service.publish(pools, alias, "1.9", "Иванова", "приказ")
    with pytest.raises(errors.AlreadyInForce):
        await service.publish(pools, oid, "1.9", "Иванова")
    with pytest.raises(errors.VersionUnknown):
        await service.publish(pools, oid, "9.9", "Иванова")
    done = await service.publish(pools, oid, None, "Петров", "  ")
    assert (done.version, done.before_version, done.kind, done.author, done.reason) == (
        *("1.10", "1.9", "published", "Петров"),
        None,
    )
    assert [(one.version, one.is_current) for one in await service.find_versions(pools, oid)] == [
        ("1.10", True),
        ("1.9", False),
    ]
    assert (await service.roll_back(pools, oid, "Петров")).version == "1.9"
    with pytest.raises(errors.NothingBefore):
        await service.roll_back(pools, oid, "Петров")
    assert [turn.reason for turn in await service.find_publications(pools, oid)] == ["приказ", None, None]


async def test_an_unknown_dictionary_is_refused_everywhere(pools: Pools) -> None:
    oid = new_oid()
    for asked in (
        service.find_dictionary(pools, oid),
        service.find_versions(pools, oid),
        service.find_publications(pools, oid),
        service.find_difference(pools, oid, None, "1.1"),
        service.publish(pools, oid, None, "me"),
        service.roll_back(pools, oid, "me"),
        service.find_entries(pools, oid, "1.1"),
    ):
        with pytest.raises(errors.DictionaryUnknown, match=oid):
            await asked


async def test_the_difference_of_two_versions_is_found(pools: Pools, imported: tuple[str, str]) -> None:
    oid, alias = imported
    found = await service.find_difference(pools, alias, "1.9", "1.10", examples=1)
    assert (found.oid, found.added, found.changed, found.withdrawn) == (oid, 0, 1, 1)
    assert [(row.key, row.columns[0].before if row.columns else None) for row in found.rows] == [
        ("2", "Вторая; с точкой"),
        ("11", None),
    ]
    assert (await service.find_difference(pools, oid, None, "1.9")).added == 5
    with pytest.raises(errors.VersionUnknown):
        await service.find_difference(pools, oid, "1.8", "1.9")


async def test_rows_come_page_by_page(pools: Pools, imported: tuple[str, str]) -> None:
    oid, alias = imported
    first = await service.find_entries(pools, alias, "1.9", limit=3)
    assert ([one.key for one in first.entries], first.next_after) == (["1", "2", "3"], "3")
    rest = await service.find_entries(pools, oid, "1.9", after="3", limit=3)
    assert ([one.key for one in rest.entries], rest.next_after) == (["10", "11"], None)
    assert rest.entries[0].content == ROWS[3]
    for words, keys in (("третья", ["3"]), ("1", ["1", "10", "11"]), ("%", []), ("\\", ["11"]), ("  ", 5)):
        found = (await service.find_entries(pools, oid, "1.9", words)).entries
        assert (len(found) if isinstance(keys, int) else [one.key for one in found]) == keys, words


async def test_spread_shows_which_site_is_behind(pools: Pools, region: RegionStand, imported: tuple[str, str]) -> None:
    oid, _ = imported
    await service.publish(pools, oid, "1.10", "me")
    with region.admin(Place.NSI) as admin:
        admin.execute("delete from nsi.holding")
        admin.execute("delete from nsi.site_seen")
        admin.execute("insert into nsi.site_seen (site) values ('hospital')")
        admin.execute("insert into nsi.holding (site, oid, version) values ('hospital', %s, '1.9')", (oid,))
        try:
            hospital, polyclinic = await service.find_spread(pools)
        finally:
            admin.execute("delete from nsi.holding")
            admin.execute("delete from nsi.site_seen")
    assert (hospital.site, hospital.version_of(oid)) == ("hospital", "1.9")
    assert hospital.seen_at is not None
    assert datetime.now(UTC) >= hospital.seen_at
    assert (polyclinic.seen_at, polyclinic.version_of(oid)) == (None, None)
    assert oid in hospital.behind
    assert oid in polyclinic.behind


async def test_a_publication_is_refused_if_somebody_published_meanwhile(
    pools: Pools, region: RegionStand, imported: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    oid, _ = imported
    choose = work.publication_target

    def choose_late(oid: str, held: Iterable[str], current: str | None, chosen: str | None) -> str:
        with region.admin(Place.NSI) as admin:
            admin.execute("update nsi.dictionary set current_version = '1.9' where oid = %s", (oid,))
        return choose(oid, held, current, chosen)

    monkeypatch.setattr(work, "publication_target", choose_late)
    with pytest.raises(errors.TurnedMeanwhile):
        await service.publish(pools, oid, "1.10", "me")
    assert await service.find_publications(pools, oid) == []


async def test_gauges_show_which_site_is_behind(pools: Pools, region: RegionStand, imported: tuple[str, str]) -> None:
    oid, _ = imported
    await service.publish(pools, oid, "1.10", "me")
    registry = CollectorRegistry()
    gauges = SpreadGauges(registry)
    with region.admin(Place.NSI) as admin:
        admin.execute("delete from nsi.site_seen")
        admin.execute("insert into nsi.site_seen (site, at) values ('hospital', to_timestamp(1000000))")
        try:
            gauges.show(await service.find_spread(pools))
        finally:
            admin.execute("delete from nsi.site_seen")
    behind = registry.get_sample_value("trustmed_nsi_behind", {"site": "hospital"})
    assert behind is not None
    assert behind >= 1
    assert registry.get_sample_value("trustmed_nsi_seen_timestamp_seconds", {"site": "hospital"}) == 1000000
    assert registry.get_sample_value("trustmed_nsi_behind", {"site": "polyclinic"}) is None
    gauges.show(await service.find_spread(pools))
    assert registry.get_sample_value("trustmed_nsi_behind", {"site": "hospital"}) is None
