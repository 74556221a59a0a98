"""A version is imported whole or not at all, once, and only as itself."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import nsi_samples as samples
from tests.fix_servers import RunningPostgres
from tests.nsi_samples import ROWS, Row, csv_text, new_oid, write_zip
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.reading import Asked, read_pages
from trustmed.region.nsi.importing.extract import extracts_of
from trustmed.region.nsi.importing.loading import Step, load_paths, publish_newest
from trustmed.region.nsi.importing.store import Imported, put
from trustmed.region.nsi.versions.held import held_dictionaries, held_passport, held_versions, publish


def import_zip(
    held: psycopg.Connection, folder: Path, oid: str, version: str = "1.1", rows: Iterable[Row] = ROWS, **more: object
) -> Imported:
    return put(held, read_pages(open_bundle(write_zip(folder, oid, version, tuple(rows), **more)), Asked()), "me")


def rows_of(held: psycopg.Connection, oid: str, version: str = "1.1") -> list[tuple]:
    return held.execute(
        "select key, code, name, parent_key, content from nsi.entry where oid = %s and version = %s"
        " order by length(key), key",
        (oid, version),
    ).fetchall()


def traces(held: psycopg.Connection, oid: str) -> list[int]:
    """How many rows of each table speak of the dictionary."""
    counts = []
    for table in ("dictionary", "version", "entry", "alias", "publication"):
        query = sql.SQL("select count(*) from {} where oid = %s").format(sql.Identifier("nsi", table))
        row = held.execute(query, (oid,)).fetchone()
        assert row
        counts.append(row[0])
    return counts


def test_every_column_is_kept(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    done = import_zip(held, tmp_path, oid)
    assert (done.outcome, done.rows, done.before, done.difference) == ("new", 5, None, None)
    assert rows_of(held, oid) == [(r["ID"], r["ID"], r["NAME"], r["PARENT"], r) for r in ROWS]
    (version,) = held_versions(held, oid)
    assert (version.rows, version.key_column, version.parent_column) == (5, "ID", "PARENT")
    assert (version.source, version.imported_by) == (f"{oid}_1.1.zip", "me")
    assert not version.is_current
    assert [column.title for column in version.columns] == [f"Столбец {name}" for name in samples.COLUMNS]
    kept = held_passport(held, oid)
    assert kept is not None
    assert kept["publishDate"] == "03.11.2023 12:48"
    (line,) = held_dictionaries(held, oid)
    assert (line.current_version, line.newest_version, line.rows) == (None, "1.1", 5)


def test_a_name_that_is_empty_is_the_code(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(held, tmp_path, oid, rows=[{**row, "NAME": None} for row in ROWS])
    assert [row[2] for row in rows_of(held, oid)] == [row["ID"] for row in ROWS]


def test_the_same_again_changes_nothing(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(held, tmp_path, oid)
    before = held_versions(held, oid)
    assert import_zip(held, tmp_path, oid, rows=reversed(ROWS)).outcome == "same"
    (tmp_path / f"{oid}_1.1.csv").write_text(csv_text(), "utf-8")
    (step,) = load_paths(held, [tmp_path / f"{oid}_1.1.csv"], "me", lambda step: None)
    assert step.imported is not None
    assert step.imported.outcome == "same"
    assert held_versions(held, oid) == before


def test_the_same_version_with_other_rows_is_refused(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(held, tmp_path, oid)
    before = rows_of(held, oid)
    with pytest.raises(refusals.HeldOtherwise, match="with other rows"):
        import_zip(held, tmp_path, oid, rows=[{**row, "NAME": "x"} for row in ROWS])
    with pytest.raises(refusals.HeldOtherwise, match=r"other roles .*ID, ID, NAME, PARENT"):
        import_zip(held, tmp_path, oid, keys=[{"field": "ID", "type": "PRIMARY"}, {"field": "CODE", "type": "VALUE"}])
    assert rows_of(held, oid) == before


def test_the_difference_is_from_the_version_before(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(held, tmp_path, oid, "1.9")
    import_zip(held, tmp_path, oid, "2.1", [*ROWS, {"ID": "12", "CODE": None, "NAME": "x", "PARENT": None}])
    changed = [{**row, "NAME": "Иная"} if row["ID"] == "2" else row for row in ROWS if row["ID"] != "3"]
    done = import_zip(held, tmp_path, oid, "1.10", changed)
    assert done.before == "1.9"
    found = done.difference
    assert found is not None
    assert (found.added, found.changed, found.withdrawn) == (0, 1, 1)
    assert found.changed_columns == {"NAME": 1}
    assert [(row.kind.value, row.key) for row in found.rows] == [("changed", "2"), ("withdrawn", "3")]


def test_an_alias_belongs_to_one_dictionary(held: psycopg.Connection, tmp_path: Path) -> None:
    oid, other, alias = new_oid(), new_oid(), new_oid()

    def codes(*values: str) -> list[dict[str, str]]:
        return [{"value": value, "type": "TYPE_OTHER"} for value in values]

    import_zip(held, tmp_path, oid, codes=codes(oid, alias))
    for refused, known in ((other, codes(alias)), (other, codes(oid)), (alias, codes(alias))):
        with pytest.raises(refusals.AliasTaken, match=oid):
            import_zip(held, tmp_path, refused, codes=known)
        assert traces(held, refused)[:3] == [0, 0, 0]
    import_zip(held, tmp_path, oid, "1.2", codes=codes(oid, alias))
    assert publish(held, alias, None, "me").oid == oid


def test_a_dictionary_is_called_as_its_version_in_force(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    for version, title in (("1.1", "Прежнее имя"), ("1.2", "Новое имя")):
        import_zip(held, tmp_path, oid, version, fullName=title, shortName=title[:3])
    assert [(line.title, line.short_title) for line in held_dictionaries(held, oid)] == [("Прежнее имя", "Пре")]
    publish(held, oid, None, "me")
    assert [(line.title, line.short_title) for line in held_dictionaries(held, oid)] == [("Новое имя", "Нов")]


TOML = """
[[dictionary]]
oid = "{oid}"
title = "Пробный справочник"
version = "1.1"
rows = [["1", "Первая"], ["10", "Десятая"]]
"""


def test_an_extract_is_completed_by_the_whole_version(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    (extract,) = extracts_of(TOML.format(oid=oid), "few.toml")
    assert put(held, extract, "me").outcome == "new"
    assert put(held, extract, "me").outcome == "same"
    publish(held, oid, None, "me")
    assert [line.is_extract for line in held_versions(held, oid)] == [True]
    assert import_zip(held, tmp_path, oid).outcome == "completed"
    assert [row[0] for row in rows_of(held, oid)] == ["1", "2", "3", "10", "11"]
    (line,) = held_versions(held, oid)
    assert (line.is_extract, line.is_current, line.rows) == (False, True, 5)
    assert put(held, extract, "me").outcome == "same"
    assert len(rows_of(held, oid)) == 5


def test_a_whole_version_never_changes(held: psycopg.Connection, nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    import_zip(held, tmp_path, oid)
    held.execute("select nsi.drop_extract(%s, '1.1')", (oid,))
    assert len(rows_of(held, oid)) == 5
    with pytest.raises(psycopg.errors.RaiseException, match="does not change"):
        held.execute("update nsi.version set rows = 1 where oid = %s", (oid,))
    for statement in ("delete from nsi.entry", "update nsi.entry set name = 'x'", "delete from nsi.version"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            held.execute(f"{statement} where oid = %s".encode(), (oid,))


def test_one_refused_file_does_not_stop_the_rest(held: psycopg.Connection, tmp_path: Path) -> None:
    oids = sorted(new_oid() for _ in range(3))
    for oid in oids:
        write_zip(tmp_path, oid)
    (tmp_path / f"{oids[1]}_1.1.zip").write_bytes(b"<html>")
    steps: list[Step] = []
    done = load_paths(held, [tmp_path], "me", steps.append)
    assert steps == done
    refused = done[1].refused
    assert refused is not None
    assert pickle.loads(pickle.dumps(refused)).ru == refused.ru  # noqa: S301 it passes between processes
    assert [step.refused is not None for step in done] == [False, True, False]
    assert [sum(traces(held, oid)) for oid in oids] == [7, 0, 7]
    again = load_paths(held, [tmp_path], "me", lambda step: None, only_new=True)
    assert [step.found.oid for step in again] == [oids[1]]
    turns = publish_newest(held, oids[:1] * 2, "me", "first")
    assert [turn.version for turn in turns] == ["1.1"]
    assert publish_newest(held, oids[:1], "me", "first") == []


def test_a_table_takes_its_keys_from_what_is_held(held: psycopg.Connection, tmp_path: Path) -> None:
    oid = new_oid()
    write_zip(tmp_path, oid, "1.9")
    (tmp_path / f"{oid}_1.10.csv").write_text(csv_text(ROWS[:4]), "utf-8")
    steps = load_paths(held, [tmp_path], "me", lambda step: None)
    assert [step.imported and step.imported.version for step in steps] == ["1.9", "1.10"]
    newest = held_versions(held, oid)[0]
    assert (newest.version, newest.rows, newest.key_column, newest.parent_column) == ("1.10", 4, "ID", "PARENT")
    assert newest.title == "Пробный справочник"


def test_two_imports_at_once(held: psycopg.Connection, nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    with psycopg.connect(nsi_database) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('nsi import', 0))")
        held.execute("set lock_timeout = '200ms'")
        with pytest.raises(refusals.ImportBusy):
            import_zip(held, tmp_path, oid)
    assert traces(held, oid) == [0, 0, 0, 0, 0]
    assert import_zip(held, tmp_path, oid).outcome == "new"


def test_a_server_that_dies_in_the_middle(postgres_server: RunningPostgres, nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    table = read_pages(open_bundle(write_zip(tmp_path, oid)), Asked())
    with (
        psycopg.connect(nsi_database, autocommit=True) as admin,
        psycopg.connect(nsi_database, autocommit=True) as held,
    ):
        admin.execute(
            "create function public.die() returns trigger language plpgsql as"
            " $$ begin if new.key = '10' then perform pg_terminate_backend(pg_backend_pid()); end if;"
            " return new; end $$"
        )
        admin.execute("create trigger die before insert on nsi.entry for each row execute function public.die()")
        try:
            with pytest.raises(refusals.NotStored, match=f"{oid}_1.1.zip"):
                put(held, table, "me")
        finally:
            admin.execute("drop trigger die on nsi.entry")
            admin.execute("drop function public.die")
        assert traces(admin, oid) == [0, 0, 0, 0, 0]
        admin.execute("set role trustmed_region")
        assert put(admin, table, "me").outcome == "new"


def test_no_space_left(nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    table = read_pages(open_bundle(write_zip(tmp_path, oid)), Asked())
    with (
        psycopg.connect(nsi_database, autocommit=True) as admin,
        psycopg.connect(nsi_database, autocommit=True) as held,
    ):
        admin.execute(
            "create function public.full_disk() returns trigger language plpgsql as"
            " $$ begin if new.key = '10' then raise disk_full using message = 'No space left on device'; end if;"
            " return new; end $$"
        )
        admin.execute("create trigger full_disk before insert on nsi.entry for each row execute function full_disk()")
        try:
            with pytest.raises(refusals.NotStored, match="No space left"):
                put(held, table, "me")
        finally:
            admin.execute("drop trigger full_disk on nsi.entry")
            admin.execute("drop function public.full_disk")
        assert traces(admin, oid) == [0, 0, 0, 0, 0]
        assert put(held, table, "me").outcome == "new"


DIES = """
import os, signal, sys
from pathlib import Path
import psycopg
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.importing.store import put
from trustmed.region.nsi.files.reading import Asked, read_pages

def dying(self, piece):
    whole(self, piece[:-40])
    os.kill(os.getpid(), signal.SIGKILL)

whole, psycopg.Copy.write = psycopg.Copy.write, dying
table = read_pages(open_bundle(Path(sys.argv[2])), Asked())
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    put(connection, table, "me")
"""


def test_killed_in_the_middle_and_run_again(held: psycopg.Connection, nsi_database: str, tmp_path: Path) -> None:
    oid = new_oid()
    path = write_zip(tmp_path, oid)
    command = [sys.executable, "-c", DIES, nsi_database, str(path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert traces(held, oid) == [0, 0, 0, 0, 0]
    assert import_zip(held, tmp_path, oid).outcome == "new"


@pytest.mark.nsi
def test_every_real_file(held: psycopg.Connection) -> None:
    folder = Path(os.environ.get("TRUSTMED_NSI_DIR", "/nowhere"))
    if not folder.is_dir():
        pytest.skip("TRUSTMED_NSI_DIR does not name a folder with dictionaries")
    steps = load_paths(held, [folder], "me", lambda step: None)
    assert [step.refused.en for step in steps if step.refused] == []
    outcomes = [step.imported.outcome for step in steps if step.imported]
    assert len(outcomes) == len(steps) > 100
    icd = held_versions(held, "1.2.643.5.1.13.13.11.1005")
    assert [line.version for line in icd] == ["2.27", "2.24", "2.18"]
    assert {(line.rows, line.code_column, line.parent_column) for line in icd} == {(15038, "MKB_CODE", "ID_PARENT")}
    sections = held_versions(held, "1.2.643.5.1.13.13.99.2.197")
    assert [line.version for line in sections] == ["4.29", "3.19"]
    found = held.execute(
        "select name from nsi.entry where oid = '1.2.643.5.1.13.13.11.1005' and version = '2.27' and code = 'A00.0'"
    ).fetchone()
    assert found == ("Холера, вызванная холерным вибрионом 01, биовар cholerae",)
    nothing = load_paths(held, [folder], "me", lambda step: None, only_new=True)
    assert nothing == []
