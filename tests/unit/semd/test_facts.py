"""What is taken from documents: entries of every kind, as sites of the region may write them."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.semd_samples import FORM, MORNING, build, full, with_form

from trustmed.semd.cda.read import HasDoctype, NotClinicalDocument, NotXml, parse_safely
from trustmed.semd.facts.extraction import MOSCOW, Extracted, Fact, facts

RU = "1.2.643.5.1.13.13"
TIME = '<effectiveTime value="202603020930+0500"/>'
WRITTEN = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=5)))


def document(*sections: str, code: str = "5", head: str = TIME) -> bytes:
    parts = "".join(f"<component>{section}</component>" for section in sections)
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<code code="{code}" codeSystem="{RU}.11.1522"/>{head}'
        f"<component><structuredBody>{parts}</structuredBody></component></ClinicalDocument>"
    ).encode()


def section(code: str, *entries: str, text: str = "") -> str:
    inside = "".join(entry if entry.startswith("<component") else f"<entry>{entry}</entry>" for entry in entries)
    return f'<section><code code="{code}" codeSystem="{RU}.99.2.197"/><text>{text}</text>{inside}</section>'


def coded(name: str, system: str, code: str, title: str = "", inside: str = "", xsi: str = "") -> str:
    oid = system if system.startswith("1.") else f"{RU}.{system}"
    kind = f' xsi:type="{xsi}"' if xsi else ""
    shown = f' displayName="{title}"' if title else ""
    return f'<{name}{kind} code="{code}" codeSystem="{oid}" codeSystemVersion="2.1"{shown}>{inside}</{name}>'


def observation(*parts: str, attributes: str = 'moodCode="EVN"') -> str:
    return f'<observation classCode="OBS" {attributes}>{"".join(parts)}</observation>'


def field(code: str, title: str = "") -> str:
    return coded("code", "99.2.166", code, title)


def relation(statement: str) -> str:
    return f'<entryRelationship typeCode="COMP">{statement}</entryRelationship>'


def only(*entries: str, of: str = "DOCINFO", code: str = "5") -> Fact:
    found = facts(document(section(of, *entries), code=code))
    assert found.not_understood == 0
    (fact,) = found.facts
    return fact


def none(*entries: str, of: str = "DOCINFO") -> None:
    assert facts(document(section(of, *entries))) == Extracted((), 0)


def icd(code: str = "I11.9", title: str = "Гипертензивная болезнь", inside: str = "", system: str = "11.1005") -> str:
    return coded("value", system, code, title, inside, "CD")


def test_diagnosis_under_a_certainty_with_kind_and_character() -> None:
    inner = observation(
        coded("code", "11.1077", "3", "Сопутствующее заболевание"),
        "<text>ГБ, со слов</text>",
        '<statusCode code="completed"/>',
        '<effectiveTime value="2019"/>',
        icd(inside=f"<qualifier>{coded('value', '11.1049', '2', 'Хроническое')}</qualifier>"),
    )
    frame = f"<act>{coded('code', '99.2.795', '3', 'Заключительный')}{relation(inner)}</act>"
    fact = only(frame, of="DGN")
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


def test_one_diagnosis_said_in_three_places_is_one() -> None:
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
    def told(when: str) -> str:
        return observation(field("809"), f'<effectiveTime value="{when}"/>', icd())

    found = facts(document(section("PRVDS", told("201905"), told("20210203"), told("201905"))))
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


def test_our_own_consultation() -> None:
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
def test_the_doctors_words_of_a_diagnosis_come_out(words: str) -> None:
    diagnosis = FORM.diagnoses[0]
    xml = build(with_form(diagnoses=(type(diagnosis)(diagnosis.icd, diagnosis.kind, words),)))
    assert facts(xml).facts[0].text == words.strip()


def test_allergy() -> None:
    agent = coded("code", "11.1367", "77", "Амоксициллин")
    shown = observation(coded("code", "11.1063", "4", "Крапивница"))
    swelling = observation(coded("code", "11.1063", "5", "Отёк"))
    fact = only(
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


def test_allergy_to_what_no_dictionary_has() -> None:
    agent = "<playingEntity><name>Пыльца берёзы</name></playingEntity>"
    fact = only(
        observation(
            coded("code", "11.1064", "2", "Аллергическая реакция"),
            f"<participant><participantRole>{agent}</participantRole></participant>",
        ),
        of="ALL",
    )
    assert (fact.code, fact.detail) == ("2", {"agent": "Пыльца берёзы"})


def test_no_allergy_is_no_fact() -> None:
    none(observation(coded("code", "11.1064", "2"), attributes='negationInd="true"'), of="ALL")
    none(observation(field("11026"), '<value xsi:type="ST">Не отягощён</value>'), of="ALL")


def laboratory(*parts: str, status: str = "completed") -> str:
    test = observation(coded("code", "11.1080", "1017", "Глюкоза"), f'<statusCode code="{status}"/>', *parts)
    panel = f"<organizer>{coded('code', '11.1437', '8', 'Биохимия')}<component>{test}</component></organizer>"
    return f'<organizer><statusCode code="completed"/><component>{panel}</component></organizer>'


LOSS = '<value xsi:type="INT" value="60"/>'
GLUCOSE = '<value xsi:type="PQ" value="7.8" unit="mmol/L"><translation displayName="ммоль/л" value="7.8"/></value>'


def test_laboratory_result() -> None:
    normal = '<low value="3.9" unit="mmol/L"/><high value="6.1" unit="mmol/L"/>'
    fact = only(
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


def test_panel_named_in_words_alone() -> None:
    panel = laboratory(GLUCOSE).replace(
        coded("code", "11.1437", "8", "Биохимия"), "<code><originalText>Кровь</originalText></code>"
    )
    assert only(panel, of="RESLAB").detail == {"panel": "Кровь"}


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
def test_values_of_every_type(value: str, shown: str) -> None:
    assert only(laboratory(value), of="RESLAB").value == shown


def test_coded_result_keeps_its_test() -> None:
    fact = only(laboratory(coded("value", "11.1061", "2", "A(II)", xsi="CD")), of="RESLAB")
    assert (fact.kind, fact.code, fact.value, fact.detail["value_code"]) == ("laboratory", "1017", "A(II)", "2")


def test_a_long_result_in_words_is_its_wording() -> None:
    fact = only(laboratory(f'<value xsi:type="ST">{"слово " * 60}</value>'), of="RESLAB")
    assert (fact.value, fact.text) == (None, ("слово " * 60).strip())


def test_cancelled_and_null_are_left_out() -> None:
    none(laboratory(GLUCOSE, status="cancelled"), of="RESLAB")
    none(observation(field("809"), '<value xsi:type="CD" nullFlavor="NI"/>'))
    none(observation('<code nullFlavor="UNK"/>', GLUCOSE))
    none(f'<observation nullFlavor="NI">{field("809")}{icd()}</observation>')
    none(observation(field("7006"), '<value xsi:type="ST">Боль за грудиной</value>'), of="ANAM")


def test_normal_is_not_abnormal() -> None:
    assert only(laboratory(GLUCOSE, coded("interpretationCode", "99.2.257", "N")), of="RESLAB").abnormal is None


def test_vital_sign_takes_the_time_of_its_organizer() -> None:
    sign = observation(coded("code", "11.1010", "3", "АД"), '<value xsi:type="PQ" value="140" unit="мм.рт.ст."/>')
    organizer = f'<organizer><effectiveTime value="20260301"/><component>{sign}</component></organizer>'
    fact = only(organizer, of="VITALPARAM")
    assert (fact.kind, fact.system, fact.value, fact.unit) == ("vital", f"{RU}.99.2.262", "140", "мм.рт.ст.")
    assert (fact.at, fact.detail) == (
        dt.datetime(2026, 3, 1, tzinfo=WRITTEN.tzinfo),
        {"precision": "day"},
    )


def test_image_by_reference() -> None:
    media = '<value mediaType="application/dicom"><reference value="https://pacs.example/studies/1.2.3"/></value>'
    fact = only(f'<observationMedia ID="I1">{media}</observationMedia>', code="6")
    assert (fact.kind, fact.url, fact.detail) == (
        "image",
        "https://pacs.example/studies/1.2.3",
        {"media_type": "application/dicom"},
    )


def test_image_inside_the_document_has_no_url() -> None:
    media = '<value mediaType="image/png" representation="B64">iVBORw0KGgo=</value>'
    fact = only(f'<observationMedia ID="I1">{media}</observationMedia>')
    assert (fact.kind, fact.url, fact.text) == ("image", None, None)


def test_image_by_dicom_uid() -> None:
    series = f'<act><id root="1.2.840.99.1.1"/>{coded("code", "1.2.840.10008.2.16.4", "113015", "DICOM Series")}</act>'
    study = coded("code", "1.2.840.10008.2.16.4", "113014", "DICOM Study")
    fact = only(f'<act classCode="ACT"><id root="1.2.840.99.1"/>{study}{relation(series)}</act>')
    assert (fact.kind, fact.code, fact.url) == ("image", "113014", "urn:oid:1.2.840.99.1")
    outside = (
        '<reference><externalObservation classCode="DGIMG"><id root="1.2.840.99.2"/></externalObservation></reference>'
    )
    assert only(observation(field("8024"), outside)).url == "urn:oid:1.2.840.99.2"


def test_sick_leave() -> None:
    fact = only(
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


def test_disability() -> None:
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
    fact = only(
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


def test_medication() -> None:
    fact = only(prescription(coded("code", "99.2.611", "100", "Амоксициллин 500 мг")), of="RECIPE", code="86")
    assert (fact.kind, fact.code, fact.value, fact.unit) == ("medication", "100", "500", "мг")
    assert fact.detail == {"mood": "RQO", "route": "Перорально", "doses": "20", "precision": "day"}
    assert fact.until == dt.datetime(2026, 3, 9, tzinfo=WRITTEN.tzinfo)


def test_medication_by_name_alone() -> None:
    fact = only(prescription('<code nullFlavor="OTH"/><name>Микстура по прописи</name>'), of="RECIPE")
    assert (fact.kind, fact.code, fact.text) == ("medication", None, "Микстура по прописи")


def test_vaccination_and_one_still_planned() -> None:
    vaccine = coded("code", "11.1078", "55", "Вакцина от гриппа")
    assert only(prescription(vaccine, "EVN"), of="IMM").kind == "vaccination"
    assert only(prescription(vaccine, "INT"), of="IMM").kind == "other"


def test_procedure_and_the_same_ordered() -> None:
    service = coded("code", "11.1070", "A04.10.002", "Эхокардиография")
    assert only(f'<act moodCode="EVN">{service}</act>', of="SERVICES").kind == "procedure"
    assert only(f'<act moodCode="RQO">{service}</act>', of="TRTMPLAN").kind == "referral"


def test_conclusion_of_an_instrumental_study() -> None:
    fact = only(observation(field("1806", "Заключение"), '<value xsi:type="ST">Норма</value>'), of="RESINFO", code="6")
    assert (fact.kind, fact.code, fact.text, fact.value) == ("procedure", "1806", "Норма", None)


def test_referral_knows_where_to() -> None:
    name = "<performer><assignedEntity><representedOrganization><name>Областная больница</name>"
    where = f"<act>{field('8038')}{name}</representedOrganization></assignedEntity></performer></act>"
    what = observation(field("833"), coded("value", "11.1070", "B01.015.001", "Приём кардиолога", xsi="CD"))
    note = observation(field("10000"), '<value xsi:type="ST">Срочно</value>')
    fact = only(where, what, note, of="SCOPORG", code="57")
    assert (fact.kind, fact.code, fact.detail) == (
        "referral",
        "B01.015.001",
        {"organization": "Областная больница", "comment": "Срочно"},
    )


def test_referral_told_in_another_dictionary_or_in_words() -> None:
    other = coded("translation", "11.1471", "7", "Рентгенография")
    fact = only(observation(field("833"), f'<value xsi:type="CD" nullFlavor="OTH">{other}</value>'), of="SCOPORG")
    assert (fact.kind, fact.system, fact.code) == ("referral", f"{RU}.11.1471", "7")
    said = '<value xsi:type="CD" nullFlavor="OTH"><originalText>Осмотр</originalText></value>'
    fact = only(observation(field("833"), said), of="SCOPORG")
    assert (fact.kind, fact.code, fact.text) == ("referral", None, "Осмотр")


def test_what_the_table_does_not_know_is_other() -> None:
    fact = only(observation(field("801", "Место"), coded("value", "11.1008", "1", "Дома", xsi="CD")))
    assert (fact.kind, fact.title, fact.detail) == ("other", "Дома", {"field": "Место"})
    assert only(observation(coded("code", "1.2.3", "x", "Новое"))).kind == "other"
    fact = only(observation(field("4159", "Лучевая нагрузка"), '<value xsi:type="PQ" value="0.3" unit="мЗв"/>'))
    assert (fact.kind, fact.code, fact.value, fact.unit) == ("other", "4159", "0.3", "мЗв")


def test_related_document_is_told_with_its_number() -> None:
    number = relation(observation(field("11003"), '<value xsi:type="ST">17</value>'))
    known = '<reference><externalDocument><id root="1.2.51" extension="d-1"/></externalDocument></reference>'
    fact = only(f"<act>{coded('code', '11.1522', '34', 'Направление')}{number}{known}</act>", of="LINKDOCS")
    assert (fact.kind, fact.detail) == ("other", {"document": "1.2.51^d-1", "number": "17"})


def test_what_is_said_of_relatives_is_not_the_patients() -> None:
    assert only(observation(field("809"), icd()), of="GENETICD").kind == "other"
    mother = "<subject><relatedSubject/></subject>"
    assert only(observation(coded("code", "11.1077", "1"), icd(), mother), of="DGN").kind == "other"


def test_wording_that_points_into_the_narrative() -> None:
    entry = observation(field("809"), '<text><reference value="#d1"/></text>', icd())
    xml = document(section("DGN", entry, text='<content ID="d1">Гипертония <br/> давно</content>'))
    assert facts(xml).facts[0].text == "Гипертония давно"


@pytest.mark.parametrize(
    "broken",
    [
        '<value xsi:type="CD" code="I10"/>',
        f'<value xsi:type="CD" codeSystem="{RU}.11.1005"/>',
        '<value xsi:type="PQ" value="много" unit="мм"/>',
        '<value xsi:type="BL" value="да"/>',
        '<value xsi:type="XX" value="1"/>',
        '<value code="I10"/>',
        '<value xsi:type="TS" value="20261301"/>',
        '<value xsi:type="IVL_PQ"/>',
    ],
)
def test_a_broken_entry_is_counted_and_the_rest_read(broken: str) -> None:
    xml = document(section("DOCINFO", observation(field("809"), broken), observation(field("809"), icd())))
    found = facts(xml)
    assert [fact.code for fact in found.facts] == ["I11.9"]
    assert found.not_understood == 1


@pytest.mark.parametrize("when", ["", "вчера", "2026-03-02", "20260230", "202603022561", "0001", "20260302+9999"])
def test_a_broken_time_is_counted_and_the_documents_taken(when: str) -> None:
    xml = document(section("DOCINFO", observation(field("809"), f'<effectiveTime value="{when}"/>', icd())))
    found = facts(xml)
    assert ([fact.at for fact in found.facts], found.not_understood) == ([WRITTEN], 1)


@pytest.mark.parametrize(
    ("when", "at", "precision"),
    [
        ("2026", dt.datetime(2026, 1, 1, tzinfo=MOSCOW), "year"),
        ("202604", dt.datetime(2026, 4, 1, tzinfo=MOSCOW), "month"),
        ("20260405", dt.datetime(2026, 4, 5, tzinfo=MOSCOW), "day"),
        ("2026040506", dt.datetime(2026, 4, 5, 6, tzinfo=MOSCOW), None),
        ("202604050607", dt.datetime(2026, 4, 5, 6, 7, tzinfo=MOSCOW), None),
        ("20260405060708.123-0130", dt.datetime(2026, 4, 5, 7, 37, 8, tzinfo=dt.UTC), None),
    ],
)
def test_times_of_every_precision(when: str, at: dt.datetime, precision: str | None) -> None:
    entry = observation(field("809"), f'<effectiveTime value="{when}"/>', icd())
    (fact,) = facts(document(section("DOCINFO", entry), head="")).facts
    assert fact.at == at
    assert fact.at is not None
    assert fact.at.tzinfo is not None
    assert fact.detail.get("precision") == precision


@pytest.mark.parametrize(("end", "at"), [("20270101", WRITTEN), ("20200101", dt.datetime(2020, 1, 1, tzinfo=MOSCOW))])
def test_what_has_but_an_end_began_by_the_time_it_was_told(end: str, at: dt.datetime) -> None:
    loss = observation(field("4058"), f'<effectiveTime><high value="{end}+0300"/></effectiveTime>', LOSS)
    fact = only(loss, of="SOCANAM")
    assert (fact.kind, fact.value, fact.at) == ("disability", "60", at)
    assert fact.until == dt.datetime.strptime(end, "%Y%m%d").replace(tzinfo=MOSCOW)


def test_document_without_times_gives_facts_without() -> None:
    (fact,) = facts(document(section("DOCINFO", observation(field("809"), icd())), head="")).facts
    assert fact.at is None


def test_time_of_the_service_goes_before_that_of_the_document() -> None:
    event = '<documentationOf><serviceEvent><effectiveTime><low value="20260301"/></effectiveTime></serviceEvent>'
    xml = document(section("DOCINFO", observation(field("809"), icd())), head=f"{TIME}{event}</documentationOf>")
    assert facts(xml).facts[0].at == dt.datetime(2026, 3, 1, tzinfo=WRITTEN.tzinfo)


@pytest.mark.parametrize(
    ("xml", "error"),
    [
        (b"", NotXml),
        (b"%PDF-1.7", NotXml),
        (b"<!DOCTYPE a><a/>", HasDoctype),
        (b"<html/>", NotClinicalDocument),
        (b"<ClinicalDocument/>", NotClinicalDocument),
    ],
)
def test_what_is_no_document_is_refused(xml: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        facts(xml)


def test_document_without_a_structured_body_has_no_facts() -> None:
    assert facts(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>') == Extracted((), 0)


def test_deep_nesting_does_not_multiply_the_work() -> None:
    frame = observation(field("809"), icd())
    for number in range(100):
        frame = observation(coded("code", "1.2.3", str(number)), relation(frame))
    assert len(facts(document(section("DOCINFO", frame))).facts) == 1


SAMPLE = build(full())


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12))
def test_no_mutation_of_a_document_breaks_the_reader(seed: int, count: int) -> None:
    """Bytes changed, cut, doubled: facts or a named error, and every fact is whole."""
    chance = random.Random(seed)
    xml = bytearray(SAMPLE)
    for _ in range(count):
        start = chance.randrange(len(xml))
        end = start + chance.choice((1, 3, 40))
        if chance.random() < 0.6:
            words = (b'"', b"", b"nullFlavor", b"PQ", b"9", b"11.1005", b"<", b"ST", b"-", b"code", b"observation")
            xml[start : start + 1] = chance.choice(words)
        else:
            xml[start:start] = xml[start:end]
    check(bytes(xml))


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_no_shuffling_of_elements_breaks_the_reader(seed: int) -> None:
    """Well-formed every time: attributes and whole elements are moved about."""
    chance = random.Random(seed)
    root = parse_safely(SAMPLE)
    every = [one for one in root.iter(etree.Element) if one is not root]
    for _ in range(20):
        one, other = chance.sample(every, 2)
        act = chance.randrange(4)
        if act == 0:
            one.attrib.clear()
        elif act == 1:
            one.attrib.update(other.attrib)
        elif act == 2 and not any(one is ancestor for ancestor in other.iterancestors()):
            other.append(one)
        else:
            one.tag = other.tag
    check(etree.tostring(root))


def check(xml: bytes) -> None:
    try:
        found = facts(xml)
    except (NotXml, HasDoctype, NotClinicalDocument):
        return
    for fact in found.facts:
        assert fact.code is None or (fact.code and fact.system)
        assert fact.at is None or fact.at.tzinfo is not None
        assert all(isinstance(word, str) and name for name, word in fact.detail.items())
