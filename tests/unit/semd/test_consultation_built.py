"""How a doctor's words are written into the document."""

import datetime as dt
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.semd_samples import (
    ACCEPTED,
    FORM,
    LEAST,
    MORNING,
    build,
    full,
    newborn,
    with_contract,
    with_form,
    with_insurance,
    with_patient,
)

from trustmed.semd.cda.read import parse_safely
from trustmed.semd.cda.vocabulary import EntryMissing
from trustmed.semd.kind import rows_of
from trustmed.semd.kinds.consultation import KIND, Consultation
from trustmed.semd.refusals import FieldRefused

NS = {"h": "urn:hl7-org:v3"}
TEXT_FIELDS = ("complaints", "disease_history", "life_history", "objective_status", "conclusion", "recommendations")
XML_TEXT = st.text(
    st.characters(
        exclude_categories=("Cs",),
        exclude_characters=[chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)],
    )
).filter(str.strip)
FORBIDDEN = st.sampled_from([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, 0xD800, 0xDFFF]).map(chr)


def values(xml: bytes, field: str) -> list[str]:
    """Return the text values of the observations of `field` (a code of 99.2.166)."""
    return [
        observation.findtext("h:value", "", NS)
        for observation in parse_safely(xml).iterfind(".//h:observation", NS)
        if observation.find("h:code", NS).get("code") == field
    ]


def narrative(xml: bytes, caption: str) -> str:
    """Return the paragraph with that caption, with <br/> read as a line end."""
    for paragraph in parse_safely(xml).iterfind(".//h:paragraph", NS):
        head = paragraph.find("h:caption", NS)
        if head is not None and head.text == caption:
            return (head.tail or "") + "".join("\n" + (br.tail or "") for br in paragraph.iterfind("h:br", NS))
    raise AssertionError(caption)


def test_the_same_value_gives_the_same_bytes() -> None:
    assert build(full()) == build(full())
    assert build(full()).startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<ClinicalDocument")
    assert build(LEAST) != build(with_form(complaints="Иное"))


@settings(deadline=None)
@given(text=XML_TEXT)
def test_any_text_comes_back_as_written(text: str) -> None:
    expected = re.sub("\r\n?", "\n", text)
    xml = build(with_form(objective_status=text, conclusion=text, life_history=text, recommendations=text))
    assert values(xml, "805") == [expected]
    assert values(xml, "807") == [expected]
    assert narrative(xml, "Анамнез жизни") == expected
    assert narrative(xml, "Рекомендации") == expected


@settings(deadline=None)
@given(field=st.sampled_from(TEXT_FIELDS), before=XML_TEXT, bad=FORBIDDEN)
def test_a_forbidden_character_is_refused_by_field_and_place(field: str, before: str, bad: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        build(with_form(**{field: before + bad}))
    assert caught.value.field == f"form.{field}"
    assert f"U+{ord(bad):04X}" in caught.value.ru
    assert str(len(before) + 1) in caught.value.ru


def test_unknown_life_history_is_marked_as_unknown() -> None:
    xml = build(with_form(life_history=None))
    assert narrative(xml, "Анамнез жизни") == "не указан"
    assert values(xml, "7006")[1] == ""


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_blank_field_is_refused(field: str) -> None:
    with pytest.raises(FieldRefused, match=f"form.{field}"):
        build(with_form(**{field: " \n"}))


def test_a_forbidden_character_is_found_in_nested_fields() -> None:
    diagnosis = msgspec.structs.replace(FORM.diagnoses[0], text="\x00")
    with pytest.raises(FieldRefused) as caught:
        build(with_form(diagnoses=(FORM.diagnoses[0], diagnosis)))
    assert caught.value.field == "form.diagnoses[2].text"


@pytest.mark.parametrize(
    ("consultation", "field"),
    [
        (with_patient(snils=None), "patient.snils"),
        (with_patient(snils="123"), "patient.snils"),
        (with_patient(phone="позвоните"), "patient.phone"),
        (with_patient(address=LEAST.organization.address), "patient.address"),
        (with_patient(registered_address=LEAST.organization.address), "patient.registered_address"),
        (with_form(diagnoses=()), "form.diagnoses"),
        (msgspec.structs.replace(LEAST, created_at=dt.datetime(2026, 3, 2, 9, 30)), "created_at"),  # noqa: DTZ001
        (msgspec.structs.replace(LEAST, payment=with_insurance("2").payment), "patient.policy"),
        (with_insurance("2", insurer=None), "patient.policy.insurer"),
        (
            msgspec.structs.replace(
                with_contract("4", "3"), payment=msgspec.structs.replace(with_contract("4", "3").payment, contract=None)
            ),
            "payment.contract",
        ),
        (with_contract("3", "2", payer=None), "payment.contract.payer"),
        (
            with_form(vital_signs=(msgspec.structs.replace(full().form.vital_signs[0], value="сто"),)),
            "form.vital_signs[1].value",
        ),
    ],
)
def test_a_value_the_rules_cannot_accept_is_refused_by_field(consultation: Consultation, field: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        build(consultation)
    assert caught.value.field == field


@pytest.mark.parametrize("missing", rows_of(KIND))
def test_a_missing_dictionary_row_is_named(missing: tuple[str, str]) -> None:
    rest = tuple(coded for coded in LEAST.dictionaries if (coded.system, coded.code) != missing)
    with pytest.raises(EntryMissing, match=re.escape(missing[0])):
        build(msgspec.structs.replace(full(), dictionaries=rest))


@pytest.mark.parametrize(
    ("hours", "written"),
    [(3.0, "202603020930+0300"), (0.0, "202603020630+0000"), (5.75, "202603020630+0000"), (-5.0, "202603020630+0000")],
)
def test_a_moment_is_written_in_a_zone_the_rules_allow(hours: float, written: str) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    xml = build(msgspec.structs.replace(LEAST, created_at=MORNING.astimezone(zone)))
    assert parse_safely(xml).find("h:effectiveTime", NS).get("value") == written


def test_a_newborn_without_patronymic_has_no_patronymic_element() -> None:
    assert b"Patronymic" in build(LEAST)
    own = parse_safely(build(newborn())).find(".//h:patientRole", NS)
    assert not own.findall(".//{urn:hl7-ru:identity}Patronymic")


def test_every_diagnosis_is_coded_and_put_into_words() -> None:
    xml = build(full())
    codes = [
        observation.find("h:value", NS).get("code")
        for observation in parse_safely(xml).iterfind(".//h:observation", NS)
        if observation.find("h:code", NS).get("code") == "809"
    ]
    assert codes == ["I11.9", "I50.0", "E66.0"]
    assert "Осложнение основного заболевания: ХСН (I50.0)" in values(xml, "806")[-1]


def test_a_consultation_survives_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(full()), type=Consultation) == full()


def test_every_accepted_sample_builds() -> None:
    assert all(build(c) for c in ACCEPTED.values())
