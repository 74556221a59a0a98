"""Dictionaries travel to a site over a real link: rows first, the version in force when published, also after a cut."""

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from structlog.testing import capture_logs
from tests.integration.topology.conftest import Region
from tests.nsi_samples import ROWS, csv_text, new_oid, passport, write_zip
from tests.nsi_service import KEY, run_emulator
from tests.waiting import eventually
from typer.testing import CliRunner, Result

from trustmed.region.nsi.commands import app
from trustmed.region.nsi.versions.model import SiteSpread
from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, find_spread
from trustmed.schema import Place
from trustmed.topology.repair import repair
from trustmed.topology.secrets import write_secret
from trustmed.topology.watch.connections import WatchConnections
from trustmed.topology.watch.ends.recent import SETTLED_SECONDS
from trustmed.topology.watch.holdings import watch_holdings
from trustmed.topology.watch.monitor import watch
from trustmed.topology.watch.probe import probe


def run_nsi(region: Region, *words: str, language: str = "en", exit_code: int = 0) -> Result:
    environment = {"TRUSTMED_TOPOLOGY": str(region.path), "TRUSTMED_LANGUAGE": language}
    result = CliRunner().invoke(app, list(words), env=environment)
    assert result.exit_code == exit_code, result.output
    return result


def version_at_site(region: Region, oid: str) -> str | None:
    row = region.clinic().execute("select current_version from nsi.dictionary where oid = %s", (oid,)).fetchone()
    return row[0] if row else None


def count_at_site(region: Region, oid: str, version: str) -> int:
    query = "select count(*) from nsi.entry where oid = %s and version = %s"
    row = region.clinic().execute(query, (oid, version)).fetchone()
    assert row
    return row[0]


def site_spread(region: Region) -> SiteSpread:
    with connect_to_dictionaries(region.topology) as connection:
        (site,) = find_spread(connection, region.topology)
    return site


@pytest.fixture
def connections(working: Region) -> Iterator[WatchConnections]:
    made = WatchConnections(working.topology)
    yield made
    made.close()


def test_rows_travel_before_publication_and_publishing_switches_the_version(
    working: Region, connections: WatchConnections, tmp_path: Path
) -> None:
    oid = new_oid()
    for version in ("7.9", "7.10"):
        write_zip(tmp_path, oid, version, ROWS if version == "7.9" else ROWS[:4])
    output = run_nsi(working, "import", str(tmp_path), "--author", "Иванова").output
    assert re.search(r"\[1/2\] .* 7\.9 .*5 rows", output)
    assert "from 7.9: 0 added, 0 changed, 1 withdrawn" in output
    assert "Imported 2 versions, 9 rows" in output
    eventually(lambda: count_at_site(working, oid, "7.10") == 4)
    assert version_at_site(working, oid) is None
    output = run_nsi(working, "publish", oid, "7.9", "--author", "Иванова", "--reason", "приказ").output
    assert output == f"{oid}: published 7.9 (was —)\n"
    eventually(lambda: version_at_site(working, oid) == "7.9")
    run_nsi(working, "publish", oid)
    eventually(lambda: version_at_site(working, oid) == "7.10")
    watch_holdings(working.topology, connections)
    assert (site_spread(working).version_of(oid), oid in site_spread(working).behind) == ("7.10", False)
    output = run_nsi(working, "rollback", oid, language="ru").output
    assert output == f"{oid}: откат 7.10 → 7.9\n"
    eventually(lambda: version_at_site(working, oid) == "7.9")
    run_nsi(working, "rollback", oid, exit_code=3)
    turns = working.clinic().execute(
        "select version, before_version, kind, author, reason from nsi.publication where oid = %s order by id", (oid,)
    )
    assert [row[:3] for row in turns.fetchall()] == [
        ("7.9", None, "published"),
        ("7.10", "7.9", "published"),
        ("7.9", "7.10", "rolled_back"),
    ]
    assert "from 7.9: 0 added, 0 changed, 1 withdrawn" in run_nsi(working, "diff", oid, "7.9", "7.10").output
    listed = json.loads(run_nsi(working, "list", oid, "--json").output)
    assert [(one["version"], one["is_current"]) for one in listed["versions"]] == [("7.10", False), ("7.9", True)]
    assert f"{oid:30} 7.9 (held 7.10)" in run_nsi(working, "list").output


def test_a_site_that_was_cut_off_gets_the_version_when_it_returns(
    working: Region, connections: WatchConnections, tmp_path: Path
) -> None:
    oid = new_oid()
    run_nsi(working, "import", str(write_zip(tmp_path, oid, "1.1")), "--publish")
    eventually(lambda: version_at_site(working, oid) == "1.1")
    watch_holdings(working.topology, connections)
    before = site_spread(working)
    assert before.version_of(oid) == "1.1"
    hospital = working.servers["hospital"]
    hospital.kill9()
    try:
        run_nsi(working, "import", str(write_zip(tmp_path, oid, "1.2", ROWS[:2])), "--publish")
        watch_holdings(working.topology, connections)
        cut = site_spread(working)
        assert (cut.version_of(oid), cut.seen_at) == ("1.1", before.seen_at)
        assert oid in cut.behind
        output = run_nsi(working, "status", exit_code=1).output
        assert f"! {oid:30} 1.1 (at the region 1.2)" in output
    finally:
        working.clinic().close()
        hospital.start()
    eventually(lambda: version_at_site(working, oid) == "1.2", 30)
    assert count_at_site(working, oid, "1.2") == 2
    watch_holdings(working.topology, connections)
    after = site_spread(working)
    assert after.version_of(oid) == "1.2"
    assert after.seen_at is not None
    assert before.seen_at is not None
    assert after.seen_at > before.seen_at
    state = json.loads(run_nsi(working, "status", "--json").output)
    assert state["current"][oid] == "1.2"


def test_the_monitor_stores_holdings_and_forgets_sites_that_are_gone(working: Region, tmp_path: Path) -> None:
    oid = new_oid()
    keeper = working.at("reference", "reference")
    keeper.execute("insert into nsi.site_seen (site) values ('gone')")
    keeper.execute("insert into nsi.holding (site, oid, version) values ('gone', '1.2', '1'), ('hospital', '1.2', '1')")
    run_nsi(working, "import", str(write_zip(tmp_path, oid)), "--publish")
    stop = threading.Event()
    monitor = threading.Thread(target=watch, args=(working.topology, 0.2), kwargs={"stop": stop})
    monitor.start()
    try:
        eventually(lambda: site_spread(working).version_of(oid) == "1.1")
    finally:
        stop.set()
        monitor.join()
    assert keeper.execute("select from nsi.holding where site = 'gone' or oid = '1.2'").fetchall() == []
    assert keeper.execute("select from nsi.site_seen where site = 'gone'").fetchall() == []


def test_when_the_dictionaries_database_is_down_the_monitor_says_so(
    working: Region, connections: WatchConnections
) -> None:
    keeper = working.topology.database_of(Place.NSI)
    elsewhere = msgspec.structs.replace(
        working.topology,
        segment=tuple(
            msgspec.structs.replace(one, database="nowhere") if one.name == "nsi" else one
            for one in working.topology.segment
        ),
    )
    with capture_logs() as lines:
        watch_holdings(elsewhere, connections)
    assert [(one["event"], one["server"]) for one in lines] == [("sites' dictionaries not stored", keeper.server)]


def test_a_dictionary_is_imported_from_the_service_by_oid(
    working: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    write_secret(working.topology, "nsi", "userkey", KEY)
    oid = new_oid()
    with run_emulator() as service:
        service.add(passport(oid, "1.1"), list(ROWS))
        words = ("import", oid, "--service", service.address, "--pages", str(tmp_path / "pages"), "--publish")
        output = run_nsi(working, *words).output
        assert f"{oid}: published 1.1" in output
        assert KEY not in output
        assert list((tmp_path / "pages").iterdir()) == []
        assert "held already" in run_nsi(working, *words).output
        run_nsi(working, "import", new_oid(), "--service", service.address, exit_code=3)
    eventually(lambda: version_at_site(working, oid) == "1.1")


def test_fetched_pages_are_kept_until_the_database_takes_them(
    working: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TRUSTMED_SECRET_NSI_USERKEY", KEY)
    oid = new_oid()
    keeper = working.at("reference", "reference")
    keeper.execute(
        "create function public.full_disk() returns trigger language plpgsql as"
        " $$ begin raise disk_full using message = 'No space left on device'; end $$"
    )
    keeper.execute("create trigger full_disk before insert on nsi.entry for each row execute function full_disk()")
    with run_emulator() as service:
        service.add(passport(oid, "1.1"), list(ROWS))
        words = ("import", oid, "--service", service.address, "--pages", str(tmp_path / "pages"))
        try:
            assert "No space left" in run_nsi(working, *words, exit_code=3).output
        finally:
            keeper.execute("drop trigger full_disk on nsi.entry")
            keeper.execute("drop function public.full_disk")
        service.requests.clear()
        run_nsi(working, *words)
        assert [one.what for one in service.requests] == ["passport"]


def test_a_table_is_imported_by_flags_and_wrong_commands_are_refused(working: Region, tmp_path: Path) -> None:
    oid = new_oid()
    path = tmp_path / "export.csv"
    path.write_text(csv_text(), "cp1251")
    flags = ("--oid", oid, "--version", "3.1", "--key", "ID", "--name", "NAME", "--code", "CODE", "--parent", "PARENT")
    refused = run_nsi(working, "import", str(path), *flags, exit_code=3)
    assert "--encoding cp1251" in refused.output
    run_nsi(working, "import", str(path), *flags, "--encoding", "cp1251", "--publish")
    with connect_to_dictionaries(working.topology) as connection:
        found = connection.execute(
            "select key, code, parent_key from nsi.entry where oid = %s order by length(key), key", (oid,)
        ).fetchall()
    assert found[:2] == [("1", "A", None), ("2", "A.1", "1")]
    assert "nothing to import" in run_nsi(working, "import", str(tmp_path / "none"), exit_code=3).output
    assert "no dictionary" in run_nsi(working, "list", new_oid(), exit_code=3).output
    assert "no version 9.9" in run_nsi(working, "diff", oid, "3.1", "9.9", exit_code=3).output


def test_a_link_carries_no_half_of_an_import(working: Region, tmp_path: Path) -> None:
    """A refused version leaves nothing at the site either."""
    oid = new_oid()
    path = write_zip(tmp_path, oid)
    path.write_bytes(path.read_bytes()[:-30])
    run_nsi(working, "import", str(path), exit_code=3)
    marker = new_oid()
    run_nsi(working, "import", str(write_zip(tmp_path, marker)), "--publish")
    eventually(lambda: version_at_site(working, marker) == "1.1")
    with psycopg.connect(working.servers["hospital"].conninfo("clinic")) as site:
        assert site.execute("select from nsi.dictionary where oid = %s", (oid,)).fetchall() == []


def test_recent_publications_are_compared_at_both_ends(working: Region, tmp_path: Path) -> None:
    oid = new_oid()
    run_nsi(working, "import", str(write_zip(tmp_path, oid)), "--publish")
    eventually(lambda: version_at_site(working, oid) == "1.1")
    time.sleep(SETTLED_SECONDS + 0.2)
    assert {state.cause for state in probe(working.topology)} == {None}
    working.clinic().execute("delete from nsi.publication where oid = %s", (oid,))
    (broken,) = (state for state in probe(working.topology) if state.cause)
    assert (broken.link, broken.cause) == ("reference_to_hospital_clinic", "hole")
    assert repair(working.topology, broken.link).after.healthy
    query = "select version from nsi.publication where oid = %s"
    assert working.clinic().execute(query, (oid,)).fetchall() == [("1.1",)]
