"""The golden record of any set of rows."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.matching.card import Card
from trustmed.region.index.model import PatientKey
from trustmed.region.persons.golden import FIELDS, Pin, Source, golden_record, text_of

SNILS = "11223344595"
NOON = dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)


def source(number: int, *, day: int = 1, **columns: Any) -> Source:
    values: dict[str, Any] = {
        "surname": "Грачёва",
        "given_name": "Ольга",
        "birth_date": dt.date(1951, 11, 2),
        "sex": 2,
        **columns,
    }
    at = NOON + dt.timedelta(days=day)
    return Source(PatientKey(number, UUID(int=number)), Card(**values), at, "automatic", "x", NOON)


def pin(field: str, value: str) -> Pin:
    return Pin(field, value, "Стюард", "по паспорту", NOON)


def test_the_name_that_most_rows_give_wins_over_the_newest():
    rows = [source(1), source(2), source(3, surname="Грачева-Ким", day=9)]
    found = golden_record(rows, ())["surname"]
    assert (found.value, found.rule, found.others) == ("Грачёва", "most", ("Грачева-Ким",))


def test_of_two_names_the_newer_wins():
    found = golden_record([source(1), source(2, surname="Ким", day=9)], ())["surname"]
    assert (found.value, found.rule, found.origin) == ("Ким", "newest", PatientKey(2, UUID(int=2)))


def test_the_newest_telephone_wins_over_the_commonest():
    rows = [source(1, phone="1"), source(2, phone="1"), source(3, phone="2", day=9)]
    assert golden_record(rows, ())["phone"].value == "2"


def test_names_do_not_differ_by_ё_or_case():
    found = golden_record([source(1), source(2, surname="ГРАЧЕВА", day=9)], ())["surname"]
    assert (found.rule, found.others) == ("only", ())


@pytest.mark.parametrize(
    ("field", "value"),
    [("snils", "11223344599"), ("enp", "1234567890123456"), ("given_name", "Новорожденный"), ("sex", 3), ("phone", "")],
)
def test_invalid_and_empty_values_never_enter_the_record(field: str, value: Any):
    columns: dict[str, Any] = {"sex": 3, field: value}
    assert field not in golden_record([source(1, **columns)], ())


def test_a_documents_kind_series_and_number_are_of_one_row():
    old: dict[str, Any] = {"identity_kind": "1", "identity_series": "1111", "identity_number": "222222"}
    found = golden_record([source(1, **old), source(2, identity_number="333333", day=9)], ())
    assert found["identity_number"].value == "333333"
    assert "identity_series" not in found


def test_a_pin_overrides_the_rows_and_keeps_their_values_in_sight():
    found = golden_record([source(1, snils=SNILS)], [pin("surname", "Ким"), pin("address", "нигде больше")])
    assert (found["surname"].value, found["surname"].rule, found["surname"].others) == ("Ким", "pin", ("Грачёва",))
    assert found["address"].value == "нигде больше"


CARDS = st.builds(
    source,
    st.integers(1, 9),
    day=st.integers(0, 3),
    surname=st.sampled_from(["Ким", "Грачёва", "Грачева", "Неизвестная"]),
    phone=st.sampled_from([None, "1", "2"]),
    snils=st.sampled_from([None, SNILS, "11223344599"]),
    identity_number=st.sampled_from([None, "1", "2"]),
)


@given(st.lists(CARDS, max_size=6, unique_by=lambda one: one.key), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_every_value_is_some_rows(rows: list[Source], chance):
    found = golden_record(rows, ())
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert golden_record(shuffled, ()) == found
    by_key = {row.key: row for row in rows}
    for field, chosen in found.items():
        assert field in FIELDS
        assert chosen.origin is not None
        assert text_of(by_key[chosen.origin].card, field) == chosen.value
