"""Facts extracted from entries of every kind but diagnoses, as sites of the region may write them."""

import datetime as dt

import pytest
from tests.unit.semd.cda_entries import (
    RU,
    WRITTEN,
    assert_no_facts,
    coded,
    field,
    icd,
    observation,
    only_fact,
    relation,
)

from trustmed.semd.facts.extraction import MOSCOW


def test_an_allergy_is_extracted_with_its_manifestations() -> None:
    agent = coded("code", "11.1367", "77", "Амоксициллин")
    shown = observation(coded("code", "11.1063", "4", "Крапивница"))
    swelling = observation(coded("code", "11.1063", "5", "Отёк"))
    fact = only_fact(
        observation(
            coded("code", "11.1064", "2", "Аллергическая реакция"),
            "<text>Сыпь после второй таблетки</text>",
            '<effectiveTime value="201804"/>',
            f"<participant><participantRole><playingEntity>{agent}</playingEntity></participantRole></participant>",
            *(f'<entryRelationship typeCode="MFST">{one}</entryRelationship>' for one in (shown, swelling, shown)),
        ),
        of="ALL",
    )
    assert (fact.kind, fact.code, fact.title, fact.text) == (
        "allergy",
        "77",
        "Амоксициллин",
        "Сыпь после второй таблетки",
    )
    assert fact.detail == {
        "reaction": "Аллергическая реакция",
        "manifestation": "Крапивница; Отёк",
        "precision": "month",
    }


def test_an_allergy_to_an_agent_without_a_code_keeps_its_name() -> None:
    agent = "<playingEntity><name>Пыльца берёзы</name></playingEntity>"
    fact = only_fact(
        observation(
            coded("code", "11.1064", "2", "Аллергическая реакция"),
            f"<participant><participantRole>{agent}</participantRole></participant>",
        ),
        of="ALL",
    )
    assert (fact.code, fact.detail) == ("2", {"agent": "Пыльца берёзы"})


def test_a_denied_allergy_is_no_fact() -> None:
    assert_no_facts(observation(coded("code", "11.1064", "2"), attributes='negationInd="true"'), of="ALL")
    assert_no_facts(observation(field("11026"), '<value xsi:type="ST">Не отягощён</value>'), of="ALL")


def laboratory(*parts: str, status: str = "completed") -> str:
    test = observation(coded("code", "11.1080", "1017", "Глюкоза"), f'<statusCode code="{status}"/>', *parts)
    panel = f"<organizer>{coded('code', '11.1437', '8', 'Биохимия')}<component>{test}</component></organizer>"
    return f'<organizer><statusCode code="completed"/><component>{panel}</component></organizer>'


GLUCOSE = '<value xsi:type="PQ" value="7.8" unit="mmol/L"><translation displayName="ммоль/л" value="7.8"/></value>'


def test_a_laboratory_result_is_extracted_with_panel_and_range() -> None:
    normal = '<low value="3.9" unit="mmol/L"/><high value="6.1" unit="mmol/L"/>'
    fact = only_fact(
        laboratory(
            '<effectiveTime value="202603010745+0300"/>',
            GLUCOSE,
            coded("interpretationCode", "99.2.257", "H", "Повышено"),
            f'<referenceRange><observationRange><value xsi:type="IVL_PQ">{normal}</value></observationRange>'
            "</referenceRange>",
        ),
        of="RESLAB",
        code="7",
    )
    assert (fact.kind, fact.value, fact.unit, fact.abnormal) == ("laboratory", "7.8", "ммоль/л", "H")
    assert fact.at == dt.datetime(2026, 3, 1, 7, 45, tzinfo=MOSCOW)
    assert fact.detail == {"panel": "Биохимия", "range": "3.9–6.1"}


def test_a_panel_named_in_words_alone_keeps_them() -> None:
    panel = laboratory(GLUCOSE).replace(
        coded("code", "11.1437", "8", "Биохимия"), "<code><originalText>Кровь</originalText></code>"
    )
    assert only_fact(panel, of="RESLAB").detail == {"panel": "Кровь"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('<value xsi:type="IVL_PQ"><high value="5" inclusive="false"/></value>', "< 5"),
        ('<value xsi:type="IVL_PQ"><low value="100"/><high nullFlavor="PINF"/></value>', "≥ 100"),
        ('<value xsi:type="RTO"><numerator value="1"/><denominator value="160"/></value>', "1/160"),
        ('<value xsi:type="INT" value="12"/>', "12"),
        ('<value xsi:type="BL" value="false"/>', "false"),
        ('<value xsi:type="TS" value="20260301"/>', "2026-03-01"),
        ('<value xsi:type="ST">не обнаружено</value>', "не обнаружено"),
        ('<h:value xmlns:h="urn:hl7-org:v3" xsi:type="h:REAL" value="-0.5"/>', "-0.5"),
    ],
)
def test_values_of_every_type_are_shown(value: str, shown: str) -> None:
    assert only_fact(laboratory(value), of="RESLAB").value == shown


def test_a_coded_result_keeps_its_test() -> None:
    fact = only_fact(laboratory(coded("value", "11.1061", "2", "A(II)", xsi="CD")), of="RESLAB")
    assert (fact.kind, fact.code, fact.value, fact.detail["value_code"]) == ("laboratory", "1017", "A(II)", "2")


def test_a_long_result_in_words_becomes_the_text() -> None:
    fact = only_fact(laboratory(f'<value xsi:type="ST">{"слово " * 60}</value>'), of="RESLAB")
    assert (fact.value, fact.text) == (None, ("слово " * 60).strip())


def test_cancelled_and_null_entries_are_left_out() -> None:
    assert_no_facts(laboratory(GLUCOSE, status="cancelled"), of="RESLAB")
    assert_no_facts(observation(field("809"), '<value xsi:type="CD" nullFlavor="NI"/>'))
    assert_no_facts(observation('<code nullFlavor="UNK"/>', GLUCOSE))
    assert_no_facts(f'<observation nullFlavor="NI">{field("809")}{icd()}</observation>')
    assert_no_facts(observation(field("7006"), '<value xsi:type="ST">Боль за грудиной</value>'), of="ANAM")


def test_a_normal_result_is_not_marked_abnormal() -> None:
    assert only_fact(laboratory(GLUCOSE, coded("interpretationCode", "99.2.257", "N")), of="RESLAB").abnormal is None


def test_a_vital_sign_takes_the_time_of_its_organizer() -> None:
    sign = observation(coded("code", "11.1010", "3", "АД"), '<value xsi:type="PQ" value="140" unit="мм.рт.ст."/>')
    organizer = f'<organizer><effectiveTime value="20260301"/><component>{sign}</component></organizer>'
    fact = only_fact(organizer, of="VITALPARAM")
    assert (fact.kind, fact.system, fact.value, fact.unit) == ("vital", f"{RU}.99.2.262", "140", "мм.рт.ст.")
    assert (fact.at, fact.detail) == (
        dt.datetime(2026, 3, 1, tzinfo=WRITTEN.tzinfo),
        {"precision": "day"},
    )


def test_an_image_by_reference_keeps_its_url() -> None:
    media = '<value mediaType="application/dicom"><reference value="https://pacs.example/studies/1.2.3"/></value>'
    fact = only_fact(f'<observationMedia ID="I1">{media}</observationMedia>', code="6")
    assert (fact.kind, fact.url, fact.detail) == (
        "image",
        "https://pacs.example/studies/1.2.3",
        {"media_type": "application/dicom"},
    )


def test_an_image_inside_the_document_has_no_url() -> None:
    media = '<value mediaType="image/png" representation="B64">iVBORw0KGgo=</value>'
    fact = only_fact(f'<observationMedia ID="I1">{media}</observationMedia>')
    assert (fact.kind, fact.url, fact.text) == ("image", None, None)


def test_an_image_by_dicom_uid_has_a_urn() -> None:
    series = f'<act><id root="1.2.840.99.1.1"/>{coded("code", "1.2.840.10008.2.16.4", "113015", "DICOM Series")}</act>'
    study = coded("code", "1.2.840.10008.2.16.4", "113014", "DICOM Study")
    fact = only_fact(f'<act classCode="ACT"><id root="1.2.840.99.1"/>{study}{relation(series)}</act>')
    assert (fact.kind, fact.code, fact.url) == ("image", "113014", "urn:oid:1.2.840.99.1")
    outside = (
        '<reference><externalObservation classCode="DGIMG"><id root="1.2.840.99.2"/></externalObservation></reference>'
    )
    assert only_fact(observation(field("8024"), outside)).url == "urn:oid:1.2.840.99.2"


def test_a_sick_leave_is_extracted_with_its_dates() -> None:
    fact = only_fact(
        f"<organizer><component><act>{field('4057', 'Временная нетрудоспособность')}"
        '<effectiveTime><low value="20260110"/><high value="20260124"/></effectiveTime>'
        f"{relation(observation(coded('code', '11.1005', 'J06.9', 'ОРВИ')))}</act></component></organizer>",
        of="SOCANAM",
        code="34",
    )
    assert (fact.kind, fact.code, fact.detail) == (
        "sick_leave",
        "4057",
        {"diagnosis": "J06.9 ОРВИ", "precision": "day"},
    )
    assert (fact.at, fact.until) == (
        dt.datetime(2026, 1, 10, tzinfo=WRITTEN.tzinfo),
        dt.datetime(2026, 1, 24, tzinfo=WRITTEN.tzinfo),
    )


def test_a_disability_is_extracted_with_its_details() -> None:
    group = coded(
        "code",
        "11.1053",
        "2",
        "Вторая группа",
        f"<qualifier>{coded('value', '11.1041', '1', 'Впервые')}</qualifier>",
    )
    term = observation(field("4115"), coded("value", "99.2.358", "1", "Один год", xsi="CD"))
    loss = observation(field("4058", "Степень утраты"), '<value xsi:type="PQ" value="60" unit="%"/>')
    cause = f"<act>{coded('code', '11.1474', '1', 'Общее заболевание')}</act>"
    fact = only_fact(
        observation(
            group,
            '<effectiveTime><low value="20250301"/><high value="20260301"/></effectiveTime>',
            *map(relation, (term, loss, cause)),
        ),
        of="SOCANAM",
    )
    assert (fact.kind, fact.code, fact.title) == ("disability", "2", "Вторая группа")
    assert fact.detail == {
        "established": "Впервые",
        "term": "Один год",
        "loss": "60",
        "cause": "Общее заболевание",
        "precision": "day",
    }


def prescription(material: str, mood: str = "RQO") -> str:
    doses = '<value xsi:type="PQ" value="20" unit="U"/>'
    dose = '<doseQuantity value="500" unit="mg"><translation displayName="мг" value="500"/></doseQuantity>'
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="{mood}">'
        '<effectiveTime><low value="20260302"/><high value="20260309"/></effectiveTime>'
        f"{coded('routeCode', '11.1468', '1', 'Перорально')}"
        f"<consumable><manufacturedProduct><manufacturedMaterial>{material}</manufacturedMaterial>"
        "</manufacturedProduct></consumable>"
        f"{relation(f'<substanceAdministration>{dose}</substanceAdministration>')}"
        f"{relation(observation(field('6011'), doses))}"
        "</substanceAdministration>"
    )


def test_a_medication_is_extracted_with_dose_and_route() -> None:
    fact = only_fact(prescription(coded("code", "99.2.611", "100", "Амоксициллин 500 мг")), of="RECIPE", code="86")
    assert (fact.kind, fact.code, fact.value, fact.unit) == ("medication", "100", "500", "мг")
    assert fact.detail == {"mood": "RQO", "route": "Перорально", "doses": "20", "precision": "day"}
    assert fact.until == dt.datetime(2026, 3, 9, tzinfo=WRITTEN.tzinfo)


def test_a_medication_by_name_alone_keeps_the_name() -> None:
    fact = only_fact(prescription('<code nullFlavor="OTH"/><name>Микстура по прописи</name>'), of="RECIPE")
    assert (fact.kind, fact.code, fact.text) == ("medication", None, "Микстура по прописи")


def test_a_planned_vaccination_is_not_a_vaccination() -> None:
    vaccine = coded("code", "11.1078", "55", "Вакцина от гриппа")
    assert only_fact(prescription(vaccine, "EVN"), of="IMM").kind == "vaccination"
    assert only_fact(prescription(vaccine, "INT"), of="IMM").kind == "other"


def test_an_ordered_procedure_is_a_referral() -> None:
    service = coded("code", "11.1070", "A04.10.002", "Эхокардиография")
    assert only_fact(f'<act moodCode="EVN">{service}</act>', of="SERVICES").kind == "procedure"
    assert only_fact(f'<act moodCode="RQO">{service}</act>', of="TRTMPLAN").kind == "referral"


def test_the_conclusion_of_an_instrumental_study_is_a_procedure() -> None:
    fact = only_fact(
        observation(field("1806", "Заключение"), '<value xsi:type="ST">Норма</value>'), of="RESINFO", code="6"
    )
    assert (fact.kind, fact.code, fact.text, fact.value) == ("procedure", "1806", "Норма", None)


def test_a_referral_keeps_its_destination() -> None:
    name = "<performer><assignedEntity><representedOrganization><name>Областная больница</name>"
    where = f"<act>{field('8038')}{name}</representedOrganization></assignedEntity></performer></act>"
    what = observation(field("833"), coded("value", "11.1070", "B01.015.001", "Приём кардиолога", xsi="CD"))
    note = observation(field("10000"), '<value xsi:type="ST">Срочно</value>')
    fact = only_fact(where, what, note, of="SCOPORG", code="57")
    assert (fact.kind, fact.code, fact.detail) == (
        "referral",
        "B01.015.001",
        {"organization": "Областная больница", "comment": "Срочно"},
    )


def test_a_referral_in_another_dictionary_or_in_words_is_extracted() -> None:
    other = coded("translation", "11.1471", "7", "Рентгенография")
    fact = only_fact(observation(field("833"), f'<value xsi:type="CD" nullFlavor="OTH">{other}</value>'), of="SCOPORG")
    assert (fact.kind, fact.system, fact.code) == ("referral", f"{RU}.11.1471", "7")
    said = '<value xsi:type="CD" nullFlavor="OTH"><originalText>Осмотр</originalText></value>'
    fact = only_fact(observation(field("833"), said), of="SCOPORG")
    assert (fact.kind, fact.code, fact.text) == ("referral", None, "Осмотр")


def test_an_entry_the_table_does_not_know_is_other() -> None:
    fact = only_fact(observation(field("801", "Место"), coded("value", "11.1008", "1", "Дома", xsi="CD")))
    assert (fact.kind, fact.title, fact.detail) == ("other", "Дома", {"field": "Место"})
    assert only_fact(observation(coded("code", "1.2.3", "x", "Новое"))).kind == "other"
    fact = only_fact(observation(field("4159", "Лучевая нагрузка"), '<value xsi:type="PQ" value="0.3" unit="мЗв"/>'))
    assert (fact.kind, fact.code, fact.value, fact.unit) == ("other", "4159", "0.3", "мЗв")


def test_a_related_document_keeps_its_number() -> None:
    number = relation(observation(field("11003"), '<value xsi:type="ST">17</value>'))
    known = '<reference><externalDocument><id root="1.2.51" extension="d-1"/></externalDocument></reference>'
    fact = only_fact(f"<act>{coded('code', '11.1522', '34', 'Направление')}{number}{known}</act>", of="LINKDOCS")
    assert (fact.kind, fact.detail) == ("other", {"document": "1.2.51^d-1", "number": "17"})
