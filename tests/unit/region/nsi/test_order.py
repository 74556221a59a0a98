"""Versions and OIDs are ordered by numbers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nsi_samples import new_oid, write_zip
from trustmed.region.nsi.files.refusals import NothingToImport
from trustmed.region.nsi.importing.sources import find_sources
from trustmed.region.nsi.order import is_oid, is_version, version_order

numbers = st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=4)


@given(numbers, numbers)
def test_versions_compare_by_numbers(one: list[int], other: list[int]) -> None:
    first, second = (".".join(map(str, part)) for part in (one, other))
    assert is_version(first)
    assert (version_order(first) < version_order(second)) == (one < other)


@pytest.mark.parametrize("text", ["", "1.", ".1", "1..2", "1a", "1,2", "1 2", "-1", "1.2.", "١", "1.1234567890"])
def test_malformed_versions_are_refused(text: str) -> None:
    assert not is_version(text)


@pytest.mark.parametrize("text", ["", "1", "3.1", "1.02", "1.2.", "11.2.643", "abc"])
def test_malformed_oids_are_refused(text: str) -> None:
    assert not is_oid(text)


def test_a_folder_is_read_in_order_of_version(tmp_path: Path) -> None:
    oid = new_oid()
    for version in ("7.10", "7.9", "10.1", "7.9.1"):
        write_zip(tmp_path, oid, version)
    (tmp_path / f"{oid}_8.1.csv").write_text("ID\n1\n")
    (tmp_path / "README.md").write_text("read me")
    assert [one.version for one in find_sources([tmp_path])] == ["7.9", "7.9.1", "7.10", "8.1", "10.1"]


def test_oid_and_version_are_read_from_the_portals_file_names(tmp_path: Path) -> None:
    path = tmp_path / "1.2.643.5.1.13.13.11.1005_2.27_csv.zip"
    path.write_bytes(b"")
    (found,) = find_sources([path])
    assert (found.oid, found.version) == ("1.2.643.5.1.13.13.11.1005", "2.27")


def test_a_file_found_twice_is_imported_once(tmp_path: Path) -> None:
    path = write_zip(tmp_path, new_oid())
    assert len(find_sources([path, tmp_path, path])) == 1


def test_a_path_with_nothing_to_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport, match="none"):
        find_sources([tmp_path / "none"])
    with pytest.raises(NothingToImport, match=tmp_path.name):
        find_sources([tmp_path])
