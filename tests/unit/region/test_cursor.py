from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.registry import cursor
from trustmed.region.registry.model import Document


def document(created_at: datetime, identifier: UUID) -> Document:
    return Document(
        *(1, identifier, identifier, 1, "119", "t", "a", "p", created_at, created_at),
        *("application/xml", 1, bytes(32), 1),
    )


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_says_exactly_where_the_page_ended(moment: datetime, identifier: UUID):
    assert cursor.decode_cursor(cursor.cursor_of(document(moment, identifier))) == cursor.Cursor(moment, identifier)


@given(st.text(max_size=40))
def test_any_string_is_read_as_a_cursor_or_refused_by_name(word: str):
    try:
        found = cursor.decode_cursor(word)
    except cursor.CursorRefused:
        return
    assert found.created_at.tzinfo is UTC


@pytest.mark.parametrize("word", ["", "AAAA", "é", "f" + "_" * 31])
def test_malformed_cursors_are_refused(word: str):
    with pytest.raises(cursor.CursorRefused):
        cursor.decode_cursor(word)
