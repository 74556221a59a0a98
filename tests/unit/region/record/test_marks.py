"""Tokens that callers of the record hand back: the mark of a page's end, and the ground they have claimed."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.record import mark, taken
from trustmed.region.record.event import Event
from trustmed.region.record.grounds import Claim
from trustmed.region.record.sources import newest
from trustmed.region.registry.cursor import CursorRefused

ACCOUNT, PERSON = UUID(int=1), UUID(int=2)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 bounds
keys = st.from_regex(r"[dvf][0-9a-f-]{1,60}", fullmatch=True)


def event(at: datetime, key: str) -> Event:
    return Event(
        *(key, "visit", at, None, "x", None, None, None, None, None, None, 1),
        *(None, None, None, None, None),
    )


@given(moments, keys)
def test_a_mark_reads_back(at: datetime, key: str) -> None:
    assert mark.decode_mark(mark.encode_mark(event(at, key))) == mark.Mark(at, key)


@given(st.text())
def test_any_string_is_read_as_a_mark_or_refused(word: str) -> None:
    try:
        found = mark.decode_mark(word)
    except CursorRefused:
        return
    assert found.key.isprintable() or found.key == ""


@given(st.lists(st.tuples(moments, keys), unique=True, max_size=30), st.integers(1, 40))
def test_the_newest_events_come_first_in_a_fixed_order(rows: list[tuple[datetime, str]], limit: int) -> None:
    found = newest([event(*row) for row in rows], limit)
    assert [(one.at, one.key) for one in found] == sorted(rows, reverse=True)[:limit]


def test_a_ground_is_read_back_for_its_account_and_person_alone() -> None:
    claim = Claim("break_glass", None, "Без сознания")
    value = taken.sign_taken("secret", ACCOUNT, PERSON, claim)
    assert taken.find_taken("secret", value, ACCOUNT, PERSON) == claim
    assert taken.find_taken("another", value, ACCOUNT, PERSON) is None
    assert taken.find_taken("secret", value, uuid4(), PERSON) is None
    assert taken.find_taken("secret", value, ACCOUNT, uuid4()) is None
    assert taken.find_taken("secret", value[:-4] + "AAAA", ACCOUNT, PERSON) is None


@pytest.mark.parametrize("value", ["", "x", "я", "AAAA", urlsafe_b64encode(b"x" * 200).decode()])
def test_a_string_that_is_no_ground_is_not_read(value: str) -> None:
    assert taken.find_taken("secret", value, ACCOUNT, PERSON) is None


def test_a_ground_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    value = taken.sign_taken("secret", ACCOUNT, PERSON, Claim("consent"))
    late = datetime.now(UTC) + timedelta(minutes=taken.MINUTES, seconds=1)
    monkeypatch.setattr("trustmed.region.record.taken.time.time", late.timestamp)
    assert taken.find_taken("secret", value, ACCOUNT, PERSON) is None


def test_an_event_keeps_every_field_in_a_copy() -> None:
    one = msgspec.structs.replace(event(datetime.now(UTC), "v1"), detail={"a": [1, "б"]}, document_id=PERSON)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Event) == one
