"""Which person a patient is: the rules, without a database."""

import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.demo.people import enp, snils
from trustmed.region.index.decide import Known, settle
from trustmed.region.index.model import Identifier, Kind, Link, Patient, PatientKey

BORN = dt.date(1980, 5, 5)
SNILS = [snils(20_000_000 + number) for number in range(4)]
ENP = [enp(BORN, 1, number) for number in range(4)]


def key(number: int) -> PatientKey:
    return PatientKey(1, UUID(int=number))


def patient(number: int, snils: str | None = None, enp: str | None = None, name: str = "Пётр", born: dt.date = BORN):
    return Patient(key(number), "Иванов", name, born, snils, enp)


class Index:
    """The index of a test: registers patients one by one."""

    def __init__(self) -> None:
        self.known = Known({}, {}, {})
        self.count = 1000

    def put(self, one: Patient) -> Link:
        self.count += 1
        self.known.patients[one.key] = one
        return settle(self.known, one, UUID(int=self.count))

    def by_hand(self, number: int, person: UUID) -> None:
        self.known.link(key(number), Link(person, "manual", "решение"))


def test_same_snils_is_one_person() -> None:
    index = Index()
    first, second = index.put(patient(1, SNILS[0])), index.put(patient(2, SNILS[0]))
    assert first.person_id == second.person_id
    assert second.reason == "по СНИЛС"


def test_same_enp_is_one_person_when_snils_is_missing() -> None:
    index = Index()
    first, second = index.put(patient(1, SNILS[0], ENP[0])), index.put(patient(2, None, ENP[0]))
    assert first.person_id == second.person_id
    assert (first.reason, second.reason) == ("по СНИЛС и ЕНП", "по ЕНП")


def test_snils_decides_against_enp_and_the_reason_says_so() -> None:
    index = Index()
    first, second = index.put(patient(1, SNILS[0])), index.put(patient(2, None, ENP[0]))
    both = index.put(patient(3, SNILS[0], ENP[0]))
    assert both.person_id == first.person_id != second.person_id
    assert both.reason == "по СНИЛС; ЕНП записан за другим человеком, решил СНИЛС"


def test_another_snils_is_another_person_whatever_the_enp() -> None:
    index = Index()
    first, second = index.put(patient(1, SNILS[0], ENP[0])), index.put(patient(2, SNILS[1], ENP[0]))
    assert first.person_id != second.person_id


def test_child_under_the_mothers_snils_is_a_person_apart() -> None:
    index = Index()
    mother = index.put(patient(1, SNILS[0], name="Анна"))
    child = index.put(patient(2, SNILS[0], name="Мария", born=dt.date(2020, 1, 1)))
    assert child.person_id != mother.person_id
    assert child.reason == "отдельный человек; СНИЛС записан и за человеком с другими именем и датой рождения"
    assert index.put(patient(3, SNILS[0], name="Анна")).person_id == mother.person_id


@pytest.mark.parametrize("changed", [{"name": "Петр"}, {"name": "Павел"}, {"born": dt.date(1990, 1, 1)}])
def test_one_difference_parts_nobody(changed: dict) -> None:
    index = Index()
    first = index.put(patient(1, SNILS[0]))
    assert index.put(patient(2, SNILS[0], **changed)).person_id == first.person_id


def test_without_identifiers_a_person_apart_joined_when_one_comes() -> None:
    index = Index()
    known = index.put(patient(1, SNILS[0]))
    alone = index.put(patient(2))
    assert alone.person_id != known.person_id
    assert alone.reason == "отдельный человек; нет ни СНИЛС, ни ЕНП"
    assert index.put(patient(2, SNILS[0])).person_id == known.person_id


def test_an_invalid_identifier_joins_nobody() -> None:
    index = Index()
    wrong = SNILS[0][:-1] + str((int(SNILS[0][-1]) + 1) % 10)
    first, second = index.put(patient(1, wrong)), index.put(patient(2, wrong))
    assert first.person_id != second.person_id
    assert second.reason == "отдельный человек; СНИЛС с неверным контрольным числом не учтён"


def test_corrected_snils_of_one_alone_keeps_the_person() -> None:
    index = Index()
    first = index.put(patient(1, SNILS[0]))
    assert index.put(patient(1, SNILS[1])).person_id == first.person_id
    assert index.known.owners == {Identifier(Kind.SNILS, SNILS[1]): first.person_id}


def test_changed_or_removed_identifier_parts_what_it_had_joined() -> None:
    index = Index()
    first = index.put(patient(1, SNILS[0]))
    index.put(patient(2, SNILS[0]))
    assert index.put(patient(2, SNILS[1])).person_id != first.person_id
    index.put(patient(3, SNILS[0]))
    assert index.put(patient(3)).person_id != first.person_id
    assert index.put(patient(4, SNILS[0])).person_id == first.person_id


def test_a_decision_by_hand_is_kept() -> None:
    index = Index()
    first, other = index.put(patient(1, SNILS[0])), index.put(patient(2, SNILS[1]))
    index.by_hand(2, first.person_id)
    assert index.put(patient(2, SNILS[1])).person_id == first.person_id
    assert index.put(patient(2, SNILS[2])).decision == "manual"
    assert index.put(patient(1)).person_id == first.person_id, "the merge was of these two"
    assert index.put(patient(5, SNILS[2])).person_id == first.person_id, "what the merged patient is known by, joins"
    assert other.person_id != first.person_id


PATIENTS = st.builds(
    patient,
    st.integers(1, 5),
    st.none() | st.sampled_from(SNILS[:3]),
    st.none() | st.sampled_from(ENP[:3]),
    st.sampled_from(("Пётр", "Анна")),
    st.sampled_from((BORN, dt.date(2015, 1, 1))),
)


@given(st.lists(PATIENTS, max_size=12), st.data())
def test_settling_again_changes_nothing_and_owners_hold_what_they_own(registered, data: st.DataObject) -> None:
    index, left_by_hand = Index(), set()
    for one in registered:
        if one.key in index.known.links and data.draw(st.integers(0, 9)) == 0:
            left_by_hand.add(index.known.links[one.key].person_id)
            index.by_hand(one.key.id.int, data.draw(st.sampled_from(list(index.known.links.values()))).person_id)
        linked = index.put(one)
        before = (dict(index.known.links), dict(index.known.owners))
        assert index.put(one) == linked
        assert (index.known.links, index.known.owners) == before
    for identifier, person in index.known.owners.items():
        held = [p for k, p in index.known.patients.items() if index.known.links[k].person_id == person]
        assert person in left_by_hand or any(identifier in p.identifiers for p in held), (
            "nobody is known by what none of their patients has"
        )
