"""Files of the service are read whole or refused by name, page and row."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import nsi_samples as samples
from tests.nsi_samples import ROWS, Row, files, raw, write_zip, zip_bytes
from trustmed.region.nsi.files import bundle as bundles
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import Bundle, open_bundle
from trustmed.region.nsi.files.columns import ColumnChoice, Roles
from trustmed.region.nsi.files.reading import ImportRequest, read_pages
from trustmed.region.nsi.files.refusals import ImportRefused, Where
from trustmed.region.nsi.files.table import Table, digest_of

OID = "1.2.643.5.1.13.13.99.9.1"
Spoil = Callable[[dict[str, bytes]], object]


def read(content: dict[str, bytes], folder: Path, request: ImportRequest = ImportRequest()) -> Table:  # noqa: B008
    path = folder / f"{OID}_1.1.zip"
    path.write_bytes(zip_bytes(content))
    return read_pages(open_bundle(path), request)


def test_a_version_is_read_whole(tmp_path: Path) -> None:
    table = read_pages(open_bundle(write_zip(tmp_path, OID)), ImportRequest(OID, "1.1"))
    heading = table.heading
    assert (heading.oid, heading.version, heading.title, heading.short_title) == (
        OID,
        "1.1",
        "Пробный справочник",
        "Проба",
    )
    assert heading.roles == Roles("ID", "ID", "NAME", "PARENT")
    assert tuple(table.rows) == ROWS
    assert heading.released_at is not None
    assert heading.released_at.isoformat() == "2023-11-03T12:48:00"
    assert table.passport["shortName"] == "Проба"
    assert heading.notes == ()


def test_a_folder_of_pages_is_read_like_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / f"{OID}_1.1"
    folder.mkdir()
    for name, content in files(OID).items():
        (folder / name).write_bytes(content)
    assert tuple(read_pages(open_bundle(folder), ImportRequest()).rows) == ROWS


def swap(name: str, old: str, new: str) -> Spoil:
    def spoil(content: dict[str, bytes]) -> None:
        text = content[name].decode()
        assert old in text, (old, text)
        content[name] = text.replace(old, new, 1).encode()

    return spoil


def put(name: str, content: bytes) -> Spoil:
    return lambda found: found.update({name: content})


def passport(**more: Any) -> Spoil:
    return put("passport.json", raw(samples.passport(OID, **more)))


BROKEN: dict[str, tuple[Spoil, type[ImportRefused], str]] = {
    "a page cut": (lambda c: c.update({"part2.json": c["part2.json"][:-20]}), refusals.NotJson, "part2.json"),
    "a page missing at the end": (lambda c: c.pop("part3.json"), refusals.PagesCut, "5 rows and 4 came"),
    "a page missing between": (lambda c: c.pop("part2.json"), refusals.PagesCut, "part2.json is missing"),
    "fewer rows than total": (swap("part3.json", '"total": 5', '"total": 6'), refusals.PagesCut, "part3.json"),
    "no total": (swap("part1.json", '"total": 5, ', ""), refusals.NotAsTheService, "part1.json"),
    "another rowsCount": (passport(rowsCount=6), refusals.PagesCut, "passport.json: .* 6 rows and 5 came"),
    "a key twice": (swap("part2.json", '"value": "3"', '"value": "1"'), refusals.KeyRepeated, "part2.json, row 1"),
    "an empty key": (swap("part2.json", '"value": "10"', '"value": ""'), refusals.KeyEmpty, "part2.json, row 2"),
    "no key": (swap("part2.json", '"value": "10"', '"value": null'), refusals.KeyEmpty, "part2.json, row 2"),
    "no key column": (passport(keys=[{"field": "NAME", "type": "VALUE"}]), refusals.KeyColumnUnknown, "--key"),
    "a key of no column": (passport(keys=[{"field": "X", "type": "PRIMARY"}]), refusals.ColumnUnknown, "X"),
    "another version": (passport(version="1.2"), refusals.OtherVersion, "1.2, expected was .* 1.1"),
    "another dictionary": (
        put("passport.json", raw(samples.passport("1.2.643.5.1.13.13.99.9.2"))),
        refusals.OtherVersion,
        "99.9.2 1.1, expected",
    ),
    "a page of HTML": (put("part1.json", b"\n<html><body>sign in"), refusals.PageInsteadOfData, "part1.json"),
    "a passport of HTML": (put("passport.json", b"<!doctype html>"), refusals.PageInsteadOfData, "passport.json"),
    "the service refused": (
        put("part1.json", raw({"result": "ERROR", "resultText": "Ключ не найден"})),
        refusals.ServiceRefused,
        "part1.json: .*Ключ не найден",
    ),
    "a passport refused": (
        put("passport.json", raw({"result": "ERROR", "resultText": None})),
        refusals.ServiceRefused,
        "ERROR",
    ),
    "a passport of nothing": (put("passport.json", b"[]"), refusals.NotAsTheService, "passport.json"),
    "an empty passport": (put("passport.json", b""), refusals.NotJson, "passport.json"),
    "no passport": (lambda c: c.pop("passport.json"), refusals.ArchiveHasOther, "part1.json"),
    "no data": (lambda c: [c.pop(f"part{n}.json") for n in (1, 2, 3)], refusals.ArchiveHasOther, "passport.json"),
    "a column missing": (
        swap("part2.json", '{"column": "CODE", "value": "A.2"}, ', ""),
        refusals.RowOtherwise,
        "part2.json, row 1.*CODE",
    ),
    "a column more": (
        swap("part2.json", '{"column": "CODE"', '{"column": "X", "value": "1"}, {"column": "CODE"'),
        refusals.RowOtherwise,
        "part2.json, row 1.*X",
    ),
    "a column twice": (
        swap("part2.json", '{"column": "CODE"', '{"column": "ID", "value": "1"}, {"column": "CODE"'),
        refusals.RowOtherwise,
        "part2.json, row 1.*ID",
    ),
    "a number for a value": (swap("part2.json", '"A.2"', "2"), refusals.NotAsTheService, "part2.json, row 1"),
    "NUL in a value": (swap("part2.json", "Десятая", "Деся\\u0000тая"), refusals.NotText, "part2.json, row 2"),
    "a bad date": (passport(publishDate="2023-11-03"), refusals.NotAsTheService, "publishDate"),
    "a version in words": (passport(version="last"), refusals.VersionMalformed, "last"),
    "not UTF-8": (
        lambda c: c.update({"part1.json": c["part1.json"].decode().encode("cp1251")}),
        refusals.NotJson,
        "part1.json",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_content_is_refused_and_named(name: str, tmp_path: Path) -> None:
    spoil, kind, told = BROKEN[name]
    content = files(OID)
    spoil(content)
    with pytest.raises(kind, match=told) as caught:
        read(content, tmp_path, ImportRequest(OID, "1.1"))
    assert f"{OID}_1.1.zip" in caught.value.ru
    assert f"{OID}_1.1.zip" in caught.value.en


def test_an_alias_in_the_files_name_is_the_dictionary(tmp_path: Path) -> None:
    alias = "1.2.643.5.1.13.13.99.9.77"
    codes = [{"value": OID, "type": "TYPE_PRIMARY"}, {"value": alias, "type": "TYPE_OTHER"}]
    table = read(files(OID, codes=codes), tmp_path, ImportRequest(alias, "1.1"))
    assert (table.heading.oid, table.heading.aliases) == (OID, (alias,))


def test_columns_may_be_named_by_hand(tmp_path: Path) -> None:
    table = read(files(OID, keys=[]), tmp_path, ImportRequest(columns=ColumnChoice("ID", "CODE", "NAME", "PARENT")))
    assert table.heading.roles == Roles("ID", "CODE", "NAME", "PARENT")
    with pytest.raises(refusals.ColumnUnknown, match="NOPE"):
        read(files(OID), tmp_path, ImportRequest(columns=ColumnChoice(code="NOPE")))


def test_a_parent_in_another_dictionary_is_no_level(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "PARENT": "700"} for row in ROWS]
    table = read(files(OID, rows=rows), tmp_path)
    assert table.heading.roles.parent is None
    assert "PARENT" in table.heading.notes[0][1]


def test_rows_without_a_name_are_noted(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "NAME": None if row["ID"] == "3" else row["NAME"]} for row in ROWS]
    table = read(files(OID, rows=rows), tmp_path)
    assert "1" in table.heading.notes[0][0]


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 something", b"<html>", zip_bytes(files(OID))[:-60]):
        path = tmp_path / f"{OID}_1.1.zip"
        path.write_bytes(content)
        with pytest.raises(refusals.NotAnArchive, match=path.name):
            open_bundle(path)


def test_a_zip_with_spoiled_data_is_refused(tmp_path: Path) -> None:
    whole = bytearray(zip_bytes(files(OID)))
    (length,) = struct.unpack_from("<H", whole, 26)
    for index in range(30 + length + 5, 30 + length + 40):
        whole[index] ^= 0x5A
    path = tmp_path / f"{OID}_1.1.zip"
    path.write_bytes(whole)
    with pytest.raises(refusals.NotAnArchive, match=path.name):
        open_bundle(path)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{OID}_1.1.zip"
    path.write_bytes(zip_bytes({"passport.json": b"{}", "part1.json": bytes(32 * 1024 * 1024)}))
    with pytest.raises(refusals.ArchiveTooLarge, match="32 MB"):
        open_bundle(path)


def test_a_zip_larger_than_any_dictionary_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "LARGEST_MB", 0)
    with pytest.raises(refusals.ArchiveTooLarge):
        open_bundle(write_zip(tmp_path, OID))


def test_a_zip_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for folder in ("a", "b"):
            archive.writestr(f"{folder}/part1.json", b"{}")
    path = tmp_path / f"{OID}_1.1.zip"
    path.write_bytes(into.getvalue())
    with pytest.raises(refusals.NotAnArchive, match="part1"):
        open_bundle(path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(refusals.NotReadable, match=r"gone\.zip"):
        open_bundle(tmp_path / "gone.zip")


value = st.none() | st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1)


@given(st.lists(st.tuples(value, value), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_text_is_read_and_order_does_not_matter(values: list[tuple[str | None, str | None]], chance) -> None:
    rows: list[Row] = [
        {"ID": str(number), "CODE": code, "NAME": name, "PARENT": None} for number, (code, name) in enumerate(values)
    ]
    table = _read_raw(rows)
    assert list(table.rows) == rows
    mixed = rows[:]
    chance.shuffle(mixed)
    turned: list[Row] = [dict(reversed(row.items())) for row in mixed]
    assert digest_of(_read_raw(turned).encoded_rows()) == digest_of(table.encoded_rows())


@given(st.integers(0, 4), st.sampled_from(["NAME", "CODE", "PARENT"]))
def test_any_other_value_is_another_digest(index: int, column: str) -> None:
    rows: list[Row] = [dict(row) for row in ROWS]
    rows[index][column] = "иное"
    assert digest_of(_read_raw(rows).encoded_rows()) != digest_of(_read_raw(list(ROWS)).encoded_rows())


def _read_raw(rows: list[Row]) -> Table:
    content = files(OID, rows=rows)
    parts = tuple((name, data) for name, data in content.items() if name.startswith("part"))
    return read_pages(Bundle(Where("x"), content["passport.json"], parts), ImportRequest())
