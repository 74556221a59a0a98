"""The small set of dictionary rows that comes with the package."""

import re

import pytest
from tests.semd_samples import BUNDLED, ROWS

from trustmed.semd.cda.vocabulary import (
    FORM_DICTIONARIES,
    DictionariesBroken,
    EntryMissing,
    read_dictionaries,
    required,
)
from trustmed.semd.fields.field import fields_of
from trustmed.semd.kind import Kind, rows_of
from trustmed.semd.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_row_that_a_template_needs_is_bundled(kind: Kind) -> None:
    found = required(rows_of(kind), lambda oid, code: ROWS.get((oid, code)))
    assert [(coded.system, coded.code) for coded in found] == list(rows_of(kind))


def test_every_choice_of_the_page_has_rows() -> None:
    own_titles = {kind.header.code for kind in KINDS.values()}
    shown = {oid for kind in KINDS.values() for field in fields_of(kind.page) for oid in field.shown_lists()}
    rows = {
        oid: [coded for coded in BUNDLED if coded.system == oid and (oid, coded.code) not in own_titles]
        for oid in {*FORM_DICTIONARIES.values(), *shown}
    }
    assert [oid for oid, found in rows.items() if len(found) < 2] == []


def test_no_row_is_given_twice() -> None:
    assert len(BUNDLED) == len(ROWS)


@pytest.mark.parametrize("toml", ["x", "[[dictionary]]\noid = 1", "dictionary = [{}]", "other = 1\ndictionary = []"])
def test_a_broken_file_is_refused_by_a_named_error(toml: str) -> None:
    with pytest.raises(DictionariesBroken):
        read_dictionaries(toml)


def test_rows_can_be_written_to_a_document() -> None:
    for coded in ROWS.values():
        assert re.fullmatch(r"\S+", coded.code), coded
        assert coded.display.strip() == coded.display != "", coded
        assert re.fullmatch(r"1\.2\.643(\.[0-9]+)+", coded.system), coded
        assert re.fullmatch(r"[0-9]+\.[0-9]+", coded.system_version), coded


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_missing_row_is_named(kind: Kind) -> None:
    with pytest.raises(EntryMissing, match=re.escape(rows_of(kind)[0][0])):
        required(rows_of(kind), lambda oid, code: None)
