"""The portal's CSV: quotes, line ends inside them, byte order marks, encodings, widths."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nsi_samples import COLUMNS, ROWS, Row, csv_text, files, passport, raw, zip_bytes
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.columns import ColumnChoice, Roles
from trustmed.region.nsi.files.csv_rows import read_csv
from trustmed.region.nsi.files.reading import ImportRequest, read_csv_table, read_pages
from trustmed.region.nsi.files.refusals import Where
from trustmed.region.nsi.files.table import digest_of

OID = "1.2.643.5.1.13.13.99.9.1"
HERE = Where("x.csv")
TEXT = csv_text()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.encode() + b"\n\n",
    ],
    ids=["plain", "BOM", "CRLF", "no last line end", "empty lines"],
)
def test_rows_of_the_portals_file_are_read(content: bytes) -> None:
    columns, rows = read_csv(content, HERE)
    assert columns == COLUMNS
    ends = "\r\n" if b"\r\n" in content else "\n"
    assert rows == [{c: v.replace("\n", ends) if v else v for c, v in row.items()} for row in ROWS]


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (TEXT + "1;2;3\n", refusals.RowOtherwise, "row 6.*3 values for 4"),
        (TEXT + "1;2;3;4;5\n", refusals.RowOtherwise, "row 6.*5 values for 4"),
        (TEXT + '12;"not closed;x;\n', refusals.RowOtherwise, "row 6"),
        (TEXT + '12;"x"y;z;\n', refusals.RowOtherwise, "row 6"),
        ("ID;;NAME\n1;2;3\n", refusals.RowOtherwise, "row 0"),
        ("ID;NAME;ID\n1;2;3\n", refusals.RowOtherwise, "ID are there twice"),
        ("", refusals.RowOtherwise, "row 0"),
        ("<html>\n<body>;\n", refusals.PageInsteadOfData, "x.csv"),
        (TEXT + "12;A\0B;z;\n", refusals.NotText, "row 6"),
    ],
)
def test_broken_rows_are_named_by_number(content: str, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        read_csv(content.encode(), HERE)


def test_another_encoding_is_guessed_and_read_when_named() -> None:
    with pytest.raises(refusals.EncodingUnknown, match=r"row 1.*--encoding cp1251"):
        read_csv(TEXT.encode("cp1251"), HERE)
    assert read_csv(TEXT.encode("cp1251"), HERE, "cp1251")[1] == list(ROWS)
    with pytest.raises(refusals.EncodingUnknown) as caught:
        read_csv(TEXT.encode("utf-16"), HERE)
    assert "cp1251" not in caught.value.en
    for encoding in ("ascii", "no such encoding"):
        with pytest.raises(refusals.EncodingUnknown):
            read_csv(TEXT.encode(), HERE, encoding)


text = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r"), min_size=1, max_size=12)


@given(st.lists(st.lists(st.none() | text, min_size=3, max_size=3), max_size=10), st.booleans())
def test_any_rows_written_as_csv_are_read_back(values: list[list[str | None]], mark: bool) -> None:
    into = io.StringIO(newline="")
    writer = csv.writer(into, delimiter=";", lineterminator="\r\n")
    writer.writerow(("A", "B", "C"))
    writer.writerows(values)
    content = (b"\xef\xbb\xbf" if mark else b"") + into.getvalue().encode()
    rows: list[Row] = [dict(zip("ABC", row, strict=True)) for row in values]
    assert read_csv(content, HERE) == (("A", "B", "C"), rows)


def test_keys_come_from_the_stored_passport_or_from_flags(tmp_path: Path) -> None:
    path = tmp_path / f"{OID}_1.2.csv"
    path.write_text(TEXT, "utf-8")
    request = ImportRequest(OID, "1.2")
    with pytest.raises(refusals.KeyColumnUnknown, match=r"--key.*ID, CODE, NAME, PARENT"):
        read_csv_table(open_bundle(path), request, None)
    held = read_csv_table(open_bundle(path), request, passport(OID))
    assert (held.heading.oid, held.heading.version, held.heading.title) == (OID, "1.2", "Пробный справочник")
    assert held.heading.roles == Roles("ID", "ID", "NAME", "PARENT")
    assert held.heading.released_at is None
    assert held.passport["fields"][0]["alias"] == "Столбец ID"
    named = read_csv_table(
        open_bundle(path), ImportRequest(OID, "1.2", ColumnChoice("ID", "CODE", "NAME")), passport(OID, keys=[])
    )
    assert named.heading.roles == Roles("ID", "CODE", "NAME")


def test_empty_and_repeated_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{OID}_1.2.csv"
    path.write_text(TEXT, "utf-8")
    with pytest.raises(refusals.KeyEmpty, match="row 4"):
        read_csv_table(open_bundle(path), ImportRequest(OID, "1.2", ColumnChoice("CODE")), None)
    path.write_text("ID;PARENT\n1;0\n2;1\n3;1\n", "utf-8")
    with pytest.raises(refusals.KeyRepeated, match=r"row 3.*PARENT = '1'.*row 2"):
        read_csv_table(open_bundle(path), ImportRequest(OID, "1.2", ColumnChoice("PARENT")), None)


def test_a_passport_beside_the_csv_must_be_of_this_version(tmp_path: Path) -> None:
    path = tmp_path / f"{OID}_1.1.csv"
    path.write_text(TEXT, "utf-8")
    (tmp_path / "passport.json").write_bytes(raw(passport(OID)))
    table = read_csv_table(open_bundle(path), ImportRequest(OID, "1.1"), None)
    assert table.heading.released_at is not None
    with pytest.raises(refusals.OtherVersion):
        read_csv_table(open_bundle(path), ImportRequest(OID, "1.2"), None)
    (tmp_path / "passport.json").write_bytes(raw(passport(OID, columns=("ID", "NAME"))))
    with pytest.raises(refusals.RowOtherwise, match="row 0"):
        read_csv_table(open_bundle(path), ImportRequest(OID, "1.1"), None)
    (tmp_path / "passport.json").write_bytes(raw(passport(OID, rowsCount=6)))
    with pytest.raises(refusals.PagesCut, match="6 rows and 5 came"):
        read_csv_table(open_bundle(path), ImportRequest(OID, "1.1"), None)


def test_the_portals_zip_of_a_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / f"{OID}_1.1_csv.zip"
    path.write_bytes(zip_bytes({f"{OID}_1.1.csv": TEXT.encode()}))
    table = read_csv_table(open_bundle(path), ImportRequest(OID, "1.1"), passport(OID))
    (tmp_path / "pages.zip").write_bytes(zip_bytes(files(OID)))
    pages = read_pages(open_bundle(tmp_path / "pages.zip"), ImportRequest())
    assert digest_of(table.encoded_rows()) == digest_of(pages.encoded_rows())
    path.write_bytes(zip_bytes({"a.csv": b"", "b.csv": b""}))
    with pytest.raises(refusals.ArchiveHasOther):
        open_bundle(path)


def test_a_csv_without_oid_or_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(TEXT, "utf-8")
    with pytest.raises(refusals.OidMalformed, match="--oid"):
        read_csv_table(open_bundle(path), ImportRequest(None, "1.1", ColumnChoice("ID")), None)
    with pytest.raises(refusals.VersionMalformed):
        read_csv_table(open_bundle(path), ImportRequest(OID, None, ColumnChoice("ID")), None)
