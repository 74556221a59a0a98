"""A version is imported whole or not at all, once, and never changes afterwards."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import namedtuple_row

from tests import nsi_samples as samples
from tests.fix_servers import RunningPostgres
from tests.nsi_samples import ROWS, Row, csv_text, new_oid, write_zip
from trustmed.db.rows import find_value
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.reading import ImportRequest, read_pages
from trustmed.region.nsi.importing.batch import Step, import_paths, publish_newest
from trustmed.region.nsi.importing.extract import extracts_of
from trustmed.region.nsi.importing.store import ImportResult, store_table
from trustmed.region.nsi.versions.sync_service import find_dictionaries, find_newest_passport, find_versions, publish


def import_zip(
    connection: psycopg.Connection,
    folder: Path,
    oid: str,
    version: str = "1.1",
    rows: Iterable[Row] = ROWS,
    **more: object,
) -> ImportResult:
    path = write_zip(folder, oid, version, tuple(rows), **more)
    return store_table(connection, read_pages(open_bundle(path), ImportRequest()), "me")


def rows_of(connection: psycopg.Connection, oid: str, version: str = "1.1") -> list[Any]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(
            "select key, code, name, parent_key, content from nsi.entry where oid = %s and version = %s"
            " order by length(key), key",
            (oid, version),
        ).fetchall()


def count_rows(connection: psycopg.Connection, oid: str) -> list[int]:
    """Return how many rows of each table are about the dictionary."""
    counts = []
    for table in ("dictionary", "version", "entry", "alias", "publication"):
        query = sql.SQL("select count(*) from {} where oid = %s").format(sql.Identifier("nsi", table))
        counts.append(find_value(connection, query, (oid,)))
    return counts


def test_every_column_is_stored(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    done = import_zip(connection, tmp_path, oid)
    assert (done.outcome, done.rows, done.before, done.difference) == ("new", 5, None, None)
    assert rows_of(connection, oid) == [(r["ID"], r["ID"], r["NAME"], r["PARENT"], r) for r in ROWS]
    (version,) = find_versions(connection, oid)
    assert (version.rows, version.key_column, version.parent_column) == (5, "ID", "PARENT")
    assert (version.source, version.imported_by) == (f"{oid}_1.1.zip", "me")
    assert not version.is_current
    assert [column.title for column in version.columns] == [f"Столбец {name}" for name in samples.COLUMNS]
    passport = find_newest_passport(connection, oid)
    assert passport is not None
    assert passport["publishDate"] == "03.11.2023 12:48"
    (line,) = find_dictionaries(connection, oid)
    assert (line.current_version, line.newest_version, line.rows) == (None, "1.1", 5)


def test_a_row_without_a_name_is_named_by_its_code(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(connection, tmp_path, oid, rows=[{**row, "NAME": None} for row in ROWS])
    assert [row.name for row in rows_of(connection, oid)] == [row["ID"] for row in ROWS]


def test_importing_a_version_again_changes_nothing(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(connection, tmp_path, oid)
    before = find_versions(connection, oid)
    assert import_zip(connection, tmp_path, oid, rows=reversed(ROWS)).outcome == "same"
    (tmp_path / f"{oid}_1.1.csv").write_text(csv_text(), "utf-8")
    (step,) = import_paths(connection, [tmp_path / f"{oid}_1.1.csv"], "me", lambda step: None)
    assert step.imported is not None
    assert step.imported.outcome == "same"
    assert find_versions(connection, oid) == before


def test_the_same_version_with_other_rows_is_refused(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(connection, tmp_path, oid)
    before = rows_of(connection, oid)
    with pytest.raises(refusals.HeldOtherwise, match="with other rows"):
        import_zip(connection, tmp_path, oid, rows=[{**row, "NAME": "x"} for row in ROWS])
    keys = [{"field": "ID", "type": "PRIMARY"}, {"field": "CODE", "type": "VALUE"}]
    with pytest.raises(refusals.HeldOtherwise, match=r"other roles .*ID, ID, NAME, PARENT"):
        import_zip(connection, tmp_path, oid, keys=keys)
    assert rows_of(connection, oid) == before


def test_the_difference_is_from_the_version_before(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(connection, tmp_path, oid, "1.9")
    import_zip(connection, tmp_path, oid, "2.1", [*ROWS, {"ID": "12", "CODE": None, "NAME": "x", "PARENT": None}])
    changed = [{**row, "NAME": "Иная"} if row["ID"] == "2" else row for row in ROWS if row["ID"] != "3"]
    done = import_zip(connection, tmp_path, oid, "1.10", changed)
    assert done.before == "1.9"
    found = done.difference
    assert found is not None
    assert (found.added, found.changed, found.withdrawn) == (0, 1, 1)
    assert found.changed_columns == {"NAME": 1}
    assert [(row.kind.value, row.key) for row in found.rows] == [("changed", "2"), ("withdrawn", "3")]


def test_an_alias_belongs_to_one_dictionary(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid, other, alias = new_oid(), new_oid(), new_oid()

    def codes(*values: str) -> list[dict[str, str]]:
        return [{"value": value, "type": "TYPE_OTHER"} for value in values]

    import_zip(connection, tmp_path, oid, codes=codes(oid, alias))
    for refused, known in ((other, codes(alias)), (other, codes(oid)), (alias, codes(alias))):
        with pytest.raises(refusals.AliasTaken, match=oid):
            import_zip(connection, tmp_path, refused, codes=known)
        assert count_rows(connection, refused)[:3] == [0, 0, 0]
    import_zip(connection, tmp_path, oid, "1.2", codes=codes(oid, alias))
    assert publish(connection, alias, None, "me").oid == oid


def test_a_dictionary_has_the_title_of_its_version_in_force(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    for version, title in (("1.1", "Прежнее имя"), ("1.2", "Новое имя")):
        import_zip(connection, tmp_path, oid, version, fullName=title, shortName=title[:3])
    assert [(line.title, line.short_title) for line in find_dictionaries(connection, oid)] == [("Прежнее имя", "Пре")]
    publish(connection, oid, None, "me")
    assert [(line.title, line.short_title) for line in find_dictionaries(connection, oid)] == [("Новое имя", "Нов")]


TOML = """
[[dictionary]]
oid = "{oid}"
title = "Пробный справочник"
version = "1.1"
rows = [["1", "Первая"], ["10", "Десятая"]]
"""


def test_an_extract_is_completed_by_the_whole_version(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    (extract,) = extracts_of(TOML.format(oid=oid), "few.toml")
    assert store_table(connection, extract, "me").outcome == "new"
    assert store_table(connection, extract, "me").outcome == "same"
    publish(connection, oid, None, "me")
    assert [line.is_extract for line in find_versions(connection, oid)] == [True]
    assert import_zip(connection, tmp_path, oid).outcome == "completed"
    assert [row.key for row in rows_of(connection, oid)] == ["1", "2", "3", "10", "11"]
    (line,) = find_versions(connection, oid)
    assert (line.is_extract, line.is_current, line.rows) == (False, True, 5)
    assert store_table(connection, extract, "me").outcome == "same"
    assert len(rows_of(connection, oid)) == 5


def test_a_whole_version_never_changes(connection: psycopg.Connection, nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(connection, tmp_path, oid)
    connection.execute("select nsi.drop_extract(%s, '1.1')", (oid,))
    assert len(rows_of(connection, oid)) == 5
    with pytest.raises(psycopg.errors.RaiseException, match="does not change"):
        connection.execute("update nsi.version set rows = 1 where oid = %s", (oid,))
    for statement in ("delete from nsi.entry", "update nsi.entry set name = 'x'", "delete from nsi.version"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"{statement} where oid = %s".encode(), (oid,))


def test_one_refused_file_does_not_stop_the_rest(connection: psycopg.Connection, tmp_path: Path) -> None:
    oids = sorted(new_oid() for _ in range(3))
    for oid in oids:
        write_zip(tmp_path, oid)
    (tmp_path / f"{oids[1]}_1.1.zip").write_bytes(b"<html>")
    steps: list[Step] = []
    done = import_paths(connection, [tmp_path], "me", steps.append)
    assert steps == done
    refused = done[1].refused
    assert refused is not None
    assert pickle.loads(pickle.dumps(refused)).ru == refused.ru  # noqa: S301 it passes between processes
    assert [step.refused is not None for step in done] == [False, True, False]
    assert [sum(count_rows(connection, oid)) for oid in oids] == [7, 0, 7]
    again = import_paths(connection, [tmp_path], "me", lambda step: None, only_new=True)
    assert [step.source.oid for step in again] == [oids[1]]
    turns = publish_newest(connection, oids[:1] * 2, "me", "first")
    assert [turn.version for turn in turns] == ["1.1"]
    assert publish_newest(connection, oids[:1], "me", "first") == []


def test_a_csv_takes_its_keys_from_the_stored_version(connection: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    write_zip(tmp_path, oid, "1.9")
    (tmp_path / f"{oid}_1.10.csv").write_text(csv_text(ROWS[:4]), "utf-8")
    steps = import_paths(connection, [tmp_path], "me", lambda step: None)
    assert [step.imported and step.imported.version for step in steps] == ["1.9", "1.10"]
    newest = find_versions(connection, oid)[0]
    assert (newest.version, newest.rows, newest.key_column, newest.parent_column) == ("1.10", 4, "ID", "PARENT")
    assert newest.title == "Пробный справочник"


def test_the_second_of_two_imports_at_once_is_refused(
    connection: psycopg.Connection, nsi_database: str, tmp_path: Path
) -> None:
    oid = new_oid()
    with psycopg.connect(nsi_database) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('nsi import', 0))")
        connection.execute("set lock_timeout = '200ms'")
        with pytest.raises(refusals.ImportBusy):
            import_zip(connection, tmp_path, oid)
    assert count_rows(connection, oid) == [0, 0, 0, 0, 0]
    assert import_zip(connection, tmp_path, oid).outcome == "new"


def test_a_server_that_dies_during_an_import_stores_nothing(
    postgres_server: RunningPostgres, nsi_database: str, tmp_path: Path
) -> None:
    oid = new_oid()
    table = read_pages(open_bundle(write_zip(tmp_path, oid)), ImportRequest())
    with (
        psycopg.connect(nsi_database, autocommit=True) as admin,
        psycopg.connect(nsi_database, autocommit=True) as connection,
    ):
        admin.execute(
            "create function public.die() returns trigger language plpgsql as"
            " $$ begin if new.key = '10' then perform pg_terminate_backend(pg_backend_pid()); end if;"
            " return new; end $$"
        )
        admin.execute("create trigger die before insert on nsi.entry for each row execute function public.die()")
        try:
            with pytest.raises(refusals.NotStored, match=f"{oid}_1.1.zip"):
                store_table(connection, table, "me")
        finally:
            admin.execute("drop trigger die on nsi.entry")
            admin.execute("drop function public.die")
        assert count_rows(admin, oid) == [0, 0, 0, 0, 0]
        admin.execute("set role trustmed_region")
        assert store_table(admin, table, "me").outcome == "new"


def test_a_full_disk_stores_nothing(nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    table = read_pages(open_bundle(write_zip(tmp_path, oid)), ImportRequest())
    with (
        psycopg.connect(nsi_database, autocommit=True) as admin,
        psycopg.connect(nsi_database, autocommit=True) as connection,
    ):
        admin.execute(
            "create function public.full_disk() returns trigger language plpgsql as"
            " $$ begin if new.key = '10' then raise disk_full using message = 'No space left on device'; end if;"
            " return new; end $$"
        )
        admin.execute("create trigger full_disk before insert on nsi.entry for each row execute function full_disk()")
        try:
            with pytest.raises(refusals.NotStored, match="No space left"):
                store_table(connection, table, "me")
        finally:
            admin.execute("drop trigger full_disk on nsi.entry")
            admin.execute("drop function public.full_disk")
        assert count_rows(admin, oid) == [0, 0, 0, 0, 0]
        assert store_table(connection, table, "me").outcome == "new"


DIES = """
import os, signal, sys
from pathlib import Path
import psycopg
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.importing.store import store_table
from trustmed.region.nsi.files.reading import ImportRequest, read_pages

def dying(self, piece):
    whole(self, piece[:-40])
    os.kill(os.getpid(), signal.SIGKILL)

whole, psycopg.Copy.write = psycopg.Copy.write, dying
table = read_pages(open_bundle(Path(sys.argv[2])), ImportRequest())
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    store_table(connection, table, "me")
"""


def test_a_killed_import_stores_nothing_and_can_run_again(
    connection: psycopg.Connection, nsi_database: str, tmp_path: Path
) -> None:
    oid = new_oid()
    path = write_zip(tmp_path, oid)
    command = [sys.executable, "-c", DIES, nsi_database, str(path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert count_rows(connection, oid) == [0, 0, 0, 0, 0]
    assert import_zip(connection, tmp_path, oid).outcome == "new"


@pytest.mark.nsi
def test_every_real_file_is_imported(connection: psycopg.Connection) -> None:
    folder = Path(os.environ.get("TRUSTMED_NSI_DIR", "/nowhere"))
    if not folder.is_dir():
        pytest.skip("TRUSTMED_NSI_DIR does not name a folder with dictionaries")
    steps = import_paths(connection, [folder], "me", lambda step: None)
    assert [step.refused.en for step in steps if step.refused] == []
    outcomes = [step.imported.outcome for step in steps if step.imported]
    assert len(outcomes) == len(steps) > 100
    icd = find_versions(connection, "1.2.643.5.1.13.13.11.1005")
    assert [line.version for line in icd] == ["2.27", "2.24", "2.18"]
    assert {(line.rows, line.code_column, line.parent_column) for line in icd} == {(15038, "MKB_CODE", "ID_PARENT")}
    sections = find_versions(connection, "1.2.643.5.1.13.13.99.2.197")
    assert [line.version for line in sections] == ["4.29", "3.19"]
    found = connection.execute(
        "select name from nsi.entry where oid = '1.2.643.5.1.13.13.11.1005' and version = '2.27' and code = 'A00.0'"
    ).fetchone()
    assert found == ("Холера, вызванная холерным вибрионом 01, биовар cholerae",)
    nothing = import_paths(connection, [folder], "me", lambda step: None, only_new=True)
    assert nothing == []
