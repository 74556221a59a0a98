"""Merging, splitting, keeping apart and undoing: manual decisions stand and are undone exactly."""

import asyncio
from uuid import uuid4

import pytest

from tests.integration.region.index.rows import change
from tests.integration.region.steward.conftest import STEWARD, IndexStand
from trustmed.demo.content.people import people
from trustmed.region.persons import reading
from trustmed.region.persons.errors import PersonUnknown
from trustmed.region.steward import acts, history, reviews
from trustmed.region.steward.errors import (
    ActUndone,
    AlreadyAnswered,
    KeptApart,
    LaterActs,
    PersonMerged,
    ReasonMissing,
    SamePerson,
    SplitWrong,
)

ANNA = {"surname": "Тимофеева", "given_name": "Анна", "birth_date": "1984-03-17"}
OLGA = {"surname": "Грачёва", "given_name": "Ольга", "birth_date": "1951-11-02"}


async def test_a_merge_is_undone_exactly_even_after_new_data(stand: IndexStand) -> None:
    snils = [next(people(seed)).snils for seed in (31, 32)]
    anna = stand.add_patient(1, **ANNA, snils=snils[0])
    olga, olga_too = stand.add_patient(1, **OLGA, snils=snils[1]), stand.add_patient(2, **OLGA, snils=snils[1])
    first, second, again = stand.persons(anna, olga, olga_too)
    assert second == again != first
    before = stand.links()
    async with stand.work() as connection:
        act = await acts.merge(connection, STEWARD, first, second, "вышла замуж, сменила имя")
    assert set(stand.persons(anna, olga, olga_too)) == {first}
    newcomer = stand.add_patient(3, **OLGA, snils=snils[1])
    assert stand.persons(newcomer) == [first], "a later patient goes to the person theirs was merged into"
    with stand.admin() as connection:
        change(connection, olga, phone="+7 900 123-45-67")
    stand.match(olga)
    async with stand.work() as connection:
        found = await reading.find_person(connection, second)
        assert (found.id, found.asked_for) == (first, second), "merges are followed"
        undone = await acts.undo(connection, STEWARD, act.id, "ошибка: разные люди")
    assert undone.undone_at is not None
    stand.match()
    assert stand.links()[: len(before)] != stand.links()
    assert [row for row in stand.links() if row[0] != 3] == before, "links are as they were to the microsecond"
    assert stand.persons(newcomer) == [second], "a patient who came since goes to the person they resemble"
    async with stand.work() as connection:
        assert (await reading.find_person(connection, second)).asked_for is None
        with pytest.raises(ActUndone):
            await acts.undo(connection, STEWARD, act.id, "ещё раз")


async def test_the_matcher_never_overrules_a_manual_decision(stand: IndexStand) -> None:
    snils = [next(people(seed)).snils for seed in (33, 34)]
    anna, olga = stand.add_patient(1, **ANNA, snils=snils[0]), stand.add_patient(1, **OLGA, snils=snils[1])
    other_olga = stand.add_patient(2, **OLGA, snils=snils[1])
    first, second = stand.persons(anna, olga)
    async with stand.work() as connection:
        await acts.split(connection, STEWARD, second, [other_olga], "две разные Ольги")
    third = stand.persons(other_olga)[0]
    async with stand.work() as connection:
        await acts.merge(connection, STEWARD, first, third, "документы на руках")
    for key in (anna, olga, other_olga):
        with stand.admin() as connection:
            change(connection, key, address="ул. Новая, д. 5")
        stand.match(key)
    assert stand.persons(anna, olga, other_olga) == [first, second, first]


async def test_a_split_moves_its_patients_and_can_be_undone(stand: IndexStand) -> None:
    snils = next(people(35)).snils
    keys = [stand.add_patient(clinic, **ANNA, snils=snils) for clinic in (1, 2, 3)]
    (person,) = set(stand.persons(*keys))
    before = stand.links()
    async with stand.work() as connection:
        for wrong in ([], keys, [stand.add_patient(9, **OLGA)]):
            with pytest.raises(SplitWrong):
                await acts.split(connection, STEWARD, person, wrong, "по документам")
        act = await acts.split(connection, STEWARD, person, keys[:1], "по документам")
    assert stand.persons(*keys) == [act.other_person_id, person, person]
    async with stand.work() as connection:
        assert [known.person_id for known in await history.find_kept_apart(connection, person)] == [act.other_person_id]
        with pytest.raises(KeptApart):
            await acts.merge(connection, STEWARD, person, act.other_person_id, "передумал")
    async with stand.work() as connection:
        await acts.undo(connection, STEWARD, act.id, "ошибся")
    assert [row for row in stand.links() if row[0] != 9] == before
    async with stand.work() as connection:
        assert (await reading.find_person(connection, act.other_person_id)).id == person
        assert await history.find_kept_apart(connection, person) == []


async def test_acts_are_undone_last_first(stand: IndexStand) -> None:
    keys = [
        stand.add_patient(n, **{**ANNA, "given_name": name, "birth_date": f"19{n}0-01-02"})
        for n, name in ((5, "Анна"), (6, "Вера"), (7, "Зоя"))
    ]
    one, two, three = stand.persons(*keys)
    async with stand.work() as connection:
        first = await acts.merge(connection, STEWARD, one, two, "первое")
        second = await acts.merge(connection, STEWARD, one, three, "второе")
    async with stand.work() as connection:
        with pytest.raises(LaterActs) as refused:
            await acts.undo(connection, STEWARD, first.id, "не то")
        assert str(second.id) in refused.value.ru
        await acts.undo(connection, STEWARD, second.id, "не то")
        await acts.undo(connection, STEWARD, first.id, "не то")
    assert stand.persons(*keys) == [one, two, three]


async def test_the_answer_not_the_same_is_remembered_and_can_be_undone(stand: IndexStand) -> None:
    twin = {
        "surname": "Тимофеева",
        "birth_date": "1984-03-17",
        "phone": "+7 912 345-67-80",
        "address": "ул. Мира, д. 5, кв. 1",
    }
    anna, alla = (stand.add_patient(1, **twin, given_name=name) for name in ("Анна", "Алла"))
    assert len(set(stand.persons(anna, alla))) == 2
    assert stand.open_pairs() == [{anna, alla}]
    with stand.admin() as connection:
        ((number,),) = connection.execute("select id from mpi.review").fetchall()
    async with stand.work() as connection:
        act = await reviews.answer_not_same(connection, STEWARD, number, "близнецы")
    assert stand.open_pairs() == []
    with stand.admin() as connection:
        change(connection, alla, phone="+7 912 345-67-81")
    stand.match(alla)
    assert stand.open_pairs() == [], "not asked again"
    async with stand.work() as connection:
        with pytest.raises(AlreadyAnswered):
            await reviews.answer_same(connection, STEWARD, number, "передумал")
    async with stand.work() as connection:
        await acts.undo(connection, STEWARD, act.id, "проверить ещё раз")
    stand.match()
    assert stand.open_pairs() == [{anna, alla}], "asked anew"
    assert len(set(stand.persons(anna, alla))) == 2


async def test_the_answer_same_merges_the_persons_and_closes_the_question(stand: IndexStand) -> None:
    first, second = (stand.add_patient(clinic, **ANNA, snils=next(people(36 + clinic)).snils) for clinic in (1, 2))
    assert stand.open_pairs() == [{first, second}], "two valid numbers are never linked without a person's eye"
    with stand.admin() as connection:
        ((number,),) = connection.execute("select id from mpi.review where closed_at is null").fetchall()
    async with stand.work() as connection:
        act = await reviews.answer_same(connection, STEWARD, number, "по паспорту один человек")
    assert set(stand.persons(first, second)) == {min(act.person_id, act.other_person_id)}
    assert stand.open_pairs() == []
    with stand.admin() as connection:
        assert connection.execute("select outcome, closed_by from mpi.review").fetchall() == [("same", "steward")]


async def test_a_refused_act_changes_nothing(stand: IndexStand) -> None:
    anna, olga = stand.add_patient(1, **ANNA), stand.add_patient(1, **OLGA)
    first, second = stand.persons(anna, olga)
    before = stand.links()
    async with stand.work() as connection:
        with pytest.raises(ReasonMissing):
            await acts.merge(connection, STEWARD, first, second, "  ")
        with pytest.raises(SamePerson):
            await acts.merge(connection, STEWARD, first, first, "что-то")
        with pytest.raises(PersonUnknown):
            await acts.merge(connection, STEWARD, first, uuid4(), "что-то")
    assert stand.links() == before
    async with stand.work() as connection:
        await acts.merge(connection, STEWARD, first, second, "один человек")
    async with stand.work() as connection:
        with pytest.raises(PersonMerged):
            await acts.record_not_same(connection, STEWARD, second, first, "опоздал")


async def test_two_simultaneous_merges_of_one_person_do_not_undo_each_other(stand: IndexStand) -> None:
    keys = [
        stand.add_patient(n, **{**ANNA, "given_name": name, "birth_date": f"19{n}0-01-02"})
        for n, name in ((5, "Анна"), (6, "Вера"), (7, "Зоя"))
    ]
    one, two, three = stand.persons(*keys)

    async def merge(keep, other) -> bool:
        try:
            async with stand.work() as connection:
                await acts.merge(connection, STEWARD, keep, other, "одновременно")
        except PersonMerged:
            return False
        return True

    done = await asyncio.gather(merge(one, two), merge(three, two))
    assert sorted(done) == [False, True]
    assert len(set(stand.persons(*keys))) == 2
