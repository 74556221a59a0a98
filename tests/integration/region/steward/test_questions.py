"""Questions of the queue: asked again when their answer is undone, chosen by clinic, put off, withdrawn."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.region.steward.conftest import STEWARD, IndexStand
from trustmed.region.index.model import PatientKey
from trustmed.region.steward import acts, reviews
from trustmed.region.steward.errors import StillTwo

TWIN = {"surname": "Тимофеев", "given_name": "Артём", "birth_date": "2019-05-14"}
OTHER_TWIN = {**TWIN, "given_name": "Антон"}


def add_twins(stand: IndexStand) -> tuple[PatientKey, PatientKey]:
    return stand.add_patient(1, **TWIN), stand.add_patient(2, **OTHER_TWIN)


@pytest.mark.parametrize("answer", [reviews.answer_same, reviews.answer_not_same])
async def test_undoing_an_answer_asks_the_question_again(stand: IndexStand, answer: Callable[..., Any]) -> None:
    pair = set(add_twins(stand))
    async with stand.work() as connection:
        (asked,) = await reviews.find_queue(connection)
        act = await answer(connection, STEWARD, asked.id, "нажали не туда")
    assert stand.open_pairs() == []
    async with stand.work() as connection:
        await acts.undo(connection, STEWARD, act.id, "нажали не туда")
        (again,) = await reviews.find_queue(connection)
    assert (again.id, {again.patient, again.other}) == (asked.id, pair)


async def test_a_clinic_sees_the_questions_about_its_patients(stand: IndexStand) -> None:
    add_twins(stand)
    async with stand.work() as connection:
        for organization_id, many in ((1, 1), (2, 1), (3, 0)):
            assert len(await reviews.find_queue(connection, organization_id=organization_id)) == many


async def test_a_postponed_question_comes_back_on_its_day(stand: IndexStand) -> None:
    add_twins(stand)
    now = dt.datetime.now(dt.UTC)
    async with stand.work() as connection:
        (asked,) = await reviews.find_queue(connection)
        await reviews.postpone(connection, asked.id, now + dt.timedelta(days=2))
        assert await reviews.find_queue(connection) == []
        assert [one.id for one in await reviews.find_postponed(connection)] == [asked.id]
        await reviews.postpone(connection, asked.id, now - dt.timedelta(minutes=1))
        assert [one.id for one in await reviews.find_queue(connection)] == [asked.id]
        assert await reviews.find_postponed(connection) == []


async def test_only_a_question_about_one_person_can_be_withdrawn(stand: IndexStand) -> None:
    one, other = add_twins(stand)
    first, _ = stand.persons(one, other)
    async with stand.work() as connection:
        (asked,) = await reviews.find_queue(connection)
    with pytest.raises(StillTwo):
        async with stand.work() as connection:
            await reviews.withdraw(connection, STEWARD, asked.id, "нечего решать")
    with stand.admin() as connection:
        connection.execute("update mpi.patient_link set person_id = %s", (first,))
    async with stand.work() as connection:
        await reviews.withdraw(connection, STEWARD, asked.id, "нечего решать")
        closed = await reviews.find_review(connection, asked.id)
    assert (closed.outcome, closed.closed_by) == ("moot", STEWARD.login)
