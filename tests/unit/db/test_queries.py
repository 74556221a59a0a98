"""The loader of named queries."""

import importlib
import re
from pathlib import Path

import pytest

from trustmed.db import queries


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "__init__.py").touch()
    monkeypatch.setattr(queries, "files", lambda _: tmp_path)
    queries.load.cache_clear()
    return tmp_path / "queries.sql"


def test_blocks_are_named_and_trimmed(package: Path) -> None:
    package.write_text("-- name: one\n-- why\nselect 1;\n\n-- name: two\nselect %(x)s;\n")
    loaded = queries.load("any")
    assert loaded["one"] == "-- why\nselect 1;"
    assert [name for name, _ in loaded] == ["one", "two"]


def test_an_absent_query_is_named_in_the_error(package: Path) -> None:
    package.write_text("-- name: one\nselect 1;\n")
    with pytest.raises(KeyError, match="no query 'other' in any"):
        queries.load("any")["other"]


def test_a_repeated_name_is_refused(package: Path) -> None:
    package.write_text("-- name: one\nselect 1;\n-- name: one\nselect 2;\n")
    with pytest.raises(ValueError, match="twice"):
        queries.load("any")


def test_a_query_within_another_fills_its_rows(package: Path) -> None:
    package.write_text(
        "-- name: best\nselect * from (\n{rows}\n) e limit 1;\n"
        "-- name: first within best\nselect %(x)s;\n-- name: second within best\n-- why\nselect 2\n"
    )
    loaded = queries.load("any")
    assert dict(loaded) == {
        "first": "select * from (\nselect %(x)s\n) e limit 1;",
        "second": "select * from (\n-- why\nselect 2\n) e limit 1;",
    }


def test_a_query_within_an_absent_one_is_refused(package: Path) -> None:
    package.write_text("-- name: one within other\nselect 1;\n")
    with pytest.raises(KeyError, match="other"):
        queries.load("any")


def test_every_room_loads_its_own_queries() -> None:
    """A room never loads another room's SQL; it calls that room's functions."""
    source = Path(queries.__file__).parents[1]
    named = re.compile(r"""\bload\(\s*["']trustmed""")
    assert [path.relative_to(source) for path in source.rglob("*.py") if named.search(path.read_text("utf-8"))] == []


def test_benchmarks_ask_for_queries_that_exist() -> None:
    """No other test runs a benchmark, so a query renamed in a room would be missed only by the next to measure."""
    asked = []
    for path in (Path(__file__).parents[3] / "benchmarks").rglob("*.py"):
        text = path.read_text("utf-8")
        for module, query in re.findall(r"""\b(\w+)\.QUERIES\[["'](\w+)["']\]""", text):
            (package,) = re.findall(rf"^from (trustmed[\w.]*) import .*\b{module}\b", text, re.MULTILINE)
            asked.append(importlib.import_module(f"{package}.{module}").QUERIES[query])
    assert asked
