"""Golden records, pins, lookups and the dry run of the matcher."""

import datetime as dt

import pytest

from tests.integration.region.index.rows import change
from tests.integration.region.steward.conftest import STEWARD, IndexStand
from trustmed.demo.content.people import people
from trustmed.matching.card import Card
from trustmed.region.index.weights import model_for_persons
from trustmed.region.persons import reading
from trustmed.region.steward import acts, history, pins
from trustmed.region.steward.errors import FieldUnknown, ValueWrong

OLGA = {"surname": "Грачёва", "given_name": "Ольга", "birth_date": "1951-11-02"}


async def test_the_golden_record_is_rebuilt_and_pins_outlive_it(stand: IndexStand) -> None:
    snils = next(people(41)).snils
    first = stand.add_patient(1, **OLGA, snils=snils)
    second = stand.add_patient(2, **OLGA, snils=snils)
    third = stand.add_patient(3, **{**OLGA, "surname": "Грачева"}, snils=snils)
    (person,) = set(stand.persons(first, second, third))
    with stand.admin() as connection:
        change(connection, third, phone="+7 900 000-00-01", updated_at="2030-01-01")
        change(connection, first, phone="+7 900 000-00-02", updated_at="2029-01-01")
    async with stand.work() as connection:
        found = await reading.find_person(connection, person)
        assert found.golden["phone"].value == "+7 900 000-00-01"
        assert found.golden["phone"].origin == third
        assert (found.golden["phone"].rule, found.golden["phone"].others) == ("newest", ("+7 900 000-00-02",))
        assert found.golden["snils"].rule == "only"
        await pins.pin(connection, STEWARD, person, "phone", "+7 900 000-00-03", "сказала сама")
    async with stand.work() as connection:
        act = await acts.split(connection, STEWARD, person, [third], "проверка")
        kept = await reading.find_person(connection, person)
        assert (kept.golden["phone"].value, kept.golden["phone"].rule) == ("+7 900 000-00-03", "pin")
        assert (await reading.find_person(connection, act.other_person_id)).golden["phone"].value == "+7 900 000-00-01"
        await pins.unpin(connection, STEWARD, person, "phone", "больше не нужно")
        assert (await reading.find_person(connection, person)).golden["phone"].value == "+7 900 000-00-02"
        kinds = [line.kind for line in await history.find_history(connection, person)]
    assert kinds[:2] == ["unpinned", "split"] or set(kinds) >= {"unpinned", "split", "pinned", "linked"}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("shoe_size", "42", FieldUnknown),
        ("birth_date", "02.11.1951", ValueWrong),
        ("birth_date", "1951-13-02", ValueWrong),
        ("snils", "11122233344", ValueWrong),
        ("sex", "3", ValueWrong),
        ("surname", "", ValueWrong),
        ("surname", "Неизвестная", ValueWrong),
        ("address", "я" * 1001, ValueWrong),
    ],
)
async def test_an_invalid_pin_is_refused(stand: IndexStand, field: str, value: str, error: type[Exception]) -> None:
    (person,) = stand.persons(stand.add_patient(1, **OLGA))
    async with stand.work() as connection:
        with pytest.raises(error):
            await pins.pin(connection, STEWARD, person, field, value, "проверка")
        assert (await reading.find_person(connection, person)).pins == ()


async def test_a_person_is_found_by_number_and_by_similarity(stand: IndexStand) -> None:
    someone = next(people(42))
    patient = stand.add_patient(1, **OLGA, snils=someone.snils, enp=someone.enp)
    (person,) = stand.persons(patient)
    with stand.admin() as connection:
        change(connection, patient, identity_series="1234", identity_number="567890")
    async with stand.work() as connection:
        for identifiers in (
            reading.Identifiers(snils=someone.snils),
            reading.Identifiers(enp=someone.enp),
            reading.Identifiers(identity="567890"),
            reading.Identifiers(identity="567890", series="1234"),
        ):
            assert await reading.find_ids(connection, identifiers) == [person]
        assert await reading.find_ids(connection, reading.Identifiers(identity="567890", series="4321")) == []
        model = model_for_persons(0)
        typed = Card("Гаврилова", "Ольга", dt.date(1951, 11, 2), 2, snils=someone.snils)
        verdict = await reading.match_card(connection, model, typed)
        assert (verdict.outcome, verdict.person) == ("linked", person)
        nobody = await reading.match_card(connection, model, Card("Никто", "Никак", dt.date(2001, 1, 2), 1))
        assert (nobody.outcome, nobody.best) == ("separate", ())
    with stand.admin() as connection:
        assert connection.execute("select count(*) from mpi.person").fetchone() == (1,), "a dry run writes nothing"
