"""Diagnoses extracted from documents: one fact for each, with the words that belong to it."""

import datetime as dt

import pytest
from tests.semd_samples import FORM, MORNING, build, full, with_form
from tests.unit.semd.cda_entries import (
    RU,
    WRITTEN,
    coded,
    document,
    field,
    icd,
    observation,
    only_fact,
    relation,
    section,
)

from trustmed.semd.facts.extraction import facts
from trustmed.semd.facts.model import Fact


def test_a_diagnosis_keeps_its_certainty_kind_and_character() -> None:
    inner = observation(
        coded("code", "11.1077", "3", "Сопутствующее заболевание"),
        "<text>ГБ, со слов</text>",
        '<statusCode code="completed"/>',
        '<effectiveTime value="2019"/>',
        icd(inside=f"<qualifier>{coded('value', '11.1049', '2', 'Хроническое')}</qualifier>"),
    )
    frame = f"<act>{coded('code', '99.2.795', '3', 'Заключительный')}{relation(inner)}</act>"
    fact = only_fact(frame, of="DGN")
    assert fact == Fact(
        kind="diagnosis",
        code="I11.9",
        system=f"{RU}.11.1005",
        system_version="2.1",
        title="Гипертензивная болезнь",
        text="ГБ, со слов",
        at=dt.datetime(2019, 1, 1, tzinfo=WRITTEN.tzinfo),
        section="DGN",
        detail={
            "certainty": "Заключительный",
            "certainty_code": "3",
            "kind": "Сопутствующее заболевание",
            "kind_code": "3",
            "character": "Хроническое",
            "character_code": "2",
            "precision": "year",
        },
    )


def test_one_diagnosis_in_three_places_is_one_fact() -> None:
    xml = document(
        section("DOCINFO", observation(field("809"), icd())),
        section(
            "RESCONS",
            observation(field("808"), icd(title="", system="1.2.643.5.1.13.2.1.1.641")),
            f"<component>{section('DGN', observation(coded('code', '11.1077', '1', 'Основное'), icd()))}</component>",
        ),
    )
    (fact,) = facts(xml).facts
    assert (fact.section, fact.detail["kind_code"], fact.title) == ("DOCINFO", "1", "Гипертензивная болезнь")


def test_a_diagnosis_of_another_time_is_another_fact() -> None:
    def diagnosed(when: str) -> str:
        return observation(field("809"), f'<effectiveTime value="{when}"/>', icd())

    found = facts(document(section("PRVDS", diagnosed("201905"), diagnosed("20210203"), diagnosed("201905"))))
    assert [fact.at for fact in found.facts] == [
        dt.datetime(2019, 5, 1, tzinfo=WRITTEN.tzinfo),
        dt.datetime(2021, 2, 3, tzinfo=WRITTEN.tzinfo),
    ]


def test_words_of_the_section_of_diagnoses_go_to_the_code_they_name() -> None:
    text = '<value xsi:type="ST">Основное: ИБС (I25.1)\nСопутствующее: ожирение, E66.0</value>'
    xml = document(
        section("DOCINFO", *(observation(field("809"), icd(code)) for code in ("I25.1", "E66.0", "I25.10"))),
        section("DGN", observation(field("806"), text)),
    )
    assert [fact.text for fact in facts(xml).facts] == ["Основное: ИБС (I25.1)", "Сопутствующее: ожирение, E66.0", None]
    one = document(
        section("DOCINFO", observation(field("809"), icd())),
        section("DGN", observation(field("806"), '<value xsi:type="ST">Гипертония\n2 ст.</value>')),
    )
    assert facts(one).facts[0].text == "Гипертония\n2 ст."


def test_facts_of_our_own_consultation_are_extracted() -> None:
    found = facts(build(full()))
    assert found.not_understood == 0
    diagnoses = [fact for fact in found.facts if fact.kind == "diagnosis"]
    assert [(fact.code, fact.text, fact.detail["kind_code"]) for fact in diagnoses] == [
        ("I11.9", "ГБ II стадии", "1"),
        ("I50.0", "ХСН", "2"),
        ("E66.0", "Ожирение", "3"),
    ]
    assert diagnoses[1].detail["character_code"] == "1"
    assert [(fact.code, fact.value, fact.unit, fact.at) for fact in found.facts if fact.kind == "vital"] == [
        ("3", "140", "мм.рт.ст.", MORNING),
        ("1", "36.6", "°C", MORNING),
    ]
    assert [fact.title for fact in found.facts if fact.kind == "referral"] == ["На обследование"]
    assert {fact.kind for fact in found.facts} == {"diagnosis", "vital", "referral", "other"}


@pytest.mark.parametrize("words", [" (I11.9) ", "a <b> & «c»", "ДЛИННО" * 10])
def test_the_doctors_words_of_a_diagnosis_are_extracted(words: str) -> None:
    diagnosis = FORM.diagnoses[0]
    xml = build(with_form(diagnoses=(type(diagnosis)(diagnosis.icd, diagnosis.kind, words),)))
    assert facts(xml).facts[0].text == words.strip()


def test_a_diagnosis_of_a_relative_is_not_the_patients() -> None:
    assert only_fact(observation(field("809"), icd()), of="GENETICD").kind == "other"
    mother = "<subject><relatedSubject/></subject>"
    assert only_fact(observation(coded("code", "11.1077", "1"), icd(), mother), of="DGN").kind == "other"


def test_wording_is_followed_into_the_narrative() -> None:
    entry = observation(field("809"), '<text><reference value="#d1"/></text>', icd())
    xml = document(section("DGN", entry, text='<content ID="d1">Гипертония <br/> давно</content>'))
    assert facts(xml).facts[0].text == "Гипертония давно"
