"""The small set of dictionary rows that comes with the package."""

import re

import pytest
from tests.semd_samples import BUNDLED, ROWS

from trustmed.semd.cda.vocabulary import (
    CONSULTATION,
    FORM_DICTIONARIES,
    REQUIRED_ENTRIES,
    DictionariesBroken,
    EntryMissing,
    form_codes,
    read_dictionaries,
    required,
)


def test_all_that_the_template_needs_is_there() -> None:
    found = required(lambda oid, code: ROWS.get((oid, code)))
    assert [(coded.system, coded.code) for coded in found] == list(REQUIRED_ENTRIES)


def test_every_choice_of_the_page_has_rows() -> None:
    choices = form_codes(lambda oid: [coded for coded in BUNDLED if coded.system == oid])
    assert choices.keys() == FORM_DICTIONARIES.keys()
    assert all(len(rows) > 1 for rows in choices.values())
    assert CONSULTATION not in [(coded.system, coded.code) for coded in choices["card_form"]]


def test_no_row_is_given_twice() -> None:
    assert len(BUNDLED) == len(ROWS)


@pytest.mark.parametrize("toml", ["x", "[[dictionary]]\noid = 1", "dictionary = [{}]", "other = 1\ndictionary = []"])
def test_broken_file_is_named(toml: str) -> None:
    with pytest.raises(DictionariesBroken):
        read_dictionaries(toml)


def test_rows_can_be_written_to_a_document() -> None:
    for coded in ROWS.values():
        assert re.fullmatch(r"\S+", coded.code), coded
        assert coded.display.strip() == coded.display != "", coded
        assert re.fullmatch(r"1\.2\.643(\.[0-9]+)+", coded.system), coded
        assert re.fullmatch(r"[0-9]+\.[0-9]+", coded.system_version), coded


def test_missing_row_is_named() -> None:
    with pytest.raises(EntryMissing, match=re.escape(REQUIRED_ENTRIES[0][0])):
        required(lambda oid, code: None)
