"""Consultation protocols against the ministry's own XSD and schematron of kind 119."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import msgspec
import pytest
import saxonche  # ty: ignore[import-not-found]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.examples import examples
from tests.semd_samples import ACCEPTED, build, full, semd_directory, with_form, with_patient

from trustmed.semd.cda.read import parse_safely
from trustmed.semd.document import PersonName
from trustmed.semd.kinds.consultation import KIND as CONSULTATION
from trustmed.semd.rules.check import Finding, RulePack, check, installed_kinds, load_pack
from trustmed.semd.rules.schematron import Check, stylesheet

pytestmark = pytest.mark.semd

SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
KIND = CONSULTATION.number
NS = {
    "h": "urn:hl7-org:v3",
    "identity": "urn:hl7-ru:identity",
    "address": "urn:hl7-ru:address",
    "medService": "urn:hl7-ru:medService",
    "fias": "urn:hl7-ru:fias",
    "PII": "urn:hl7-ru:PII",
}
PREFIXES = {"xsi": "http://www.w3.org/2001/XMLSchema-instance", **{k: v for k, v in NS.items() if k != "h"}}
FULL = build(full())


@pytest.fixture(scope="session")
def pack() -> RulePack:
    return load_pack(semd_directory(), KIND)


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_sample_passes(pack: RulePack, name: str) -> None:
    verdict = check(pack, build(ACCEPTED[name]))
    assert verdict.findings == ()
    assert verdict.passed


def test_every_rule_of_the_file_is_in_the_pack(pack: RulePack) -> None:
    schema = ElementTree.parse(semd_directory() / KIND / "rules.sch")  # noqa: S314
    written = [e.get("test") for e in schema.iter() if e.tag in (f"{SCH}assert", f"{SCH}report")]
    assert [c.test for c in pack.checks] == written
    assert check(pack, FULL).rules_checked == pack.size == len(written) > 1200


@pytest.mark.parametrize("kind", ["119", "121", "148", "174", "185", "186"])
def test_every_pack_of_the_ministry_compiles(kind: str) -> None:
    directory = semd_directory()
    assert kind in installed_kinds(directory)
    other = load_pack(directory, kind)
    assert other.size > 500
    if kind != KIND:
        assert not check(other, FULL).passed


XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")).filter(str.strip)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=XML_TEXT, surname=XML_TEXT)
def test_any_text_passes_the_rules(pack: RulePack, text: str, surname: str) -> None:
    for c in (
        with_form(complaints=text, life_history=text, objective_status=text, conclusion=text, recommendations=text),
        with_patient(name=PersonName(surname, text)),
    ):
        assert check(pack, build(c)).findings == ()


def drop(path: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        for element in root.xpath(path, namespaces=NS):
            element.getparent().remove(element)

    return mutate


def double(path: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        element = root.xpath(path, namespaces=NS)[0]
        element.addnext(etree.fromstring(etree.tostring(element)))

    return mutate


def put(path: str, name: str, value: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        root.xpath(path, namespaces=NS)[0].set(name, value)

    return mutate


def empty(path: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        root.xpath(path, namespaces=NS)[0].text = None

    return mutate


def section(code: str) -> str:
    return f"//h:section[h:code/@code='{code}']"


MUTATIONS = {
    "template of another kind": (put("h:templateId", "root", "1.2.643.5.1.13.13.14.85.9.4"), "У1-11"),
    "no template": (drop("h:templateId"), "1 элемент templateId"),
    "typeId of another model": (put("h:typeId", "extension", "POCD_HD000040"), "POCD_MT000040"),
    "document id of another type": (put("h:id", "root", "1.2.643.5.1.13.13.12.2.77.1.100.1.1.50"), r"\.51"),
    "id is not an OID": (put("h:setId", "root", "0123"), "setId"),
    "code of another document": (put("h:code", "code", "6"), "ClinicalDocument/code"),
    "no version of the dictionary": (put("h:code", "codeSystemVersion", ""), "codeSystemVersion"),
    "empty title": (empty("h:title"), "title"),
    "time without zone": (put("h:effectiveTime", "value", "202603020930"), "effectiveTime"),
    "confidentiality without name": (put("h:confidentialityCode", "displayName", ""), "confidentialityCode"),
    "language": (put("h:languageCode", "code", "en-US"), "ru-RU"),
    "no set": (drop("h:setId"), "setId"),
    "no version": (drop("h:versionNumber"), "versionNumber"),
    "no patient's СНИЛС": (drop("h:recordTarget/h:patientRole/h:id[2]"), "2 элемент"),
    "СНИЛС of ten digits": (put("h:recordTarget/h:patientRole/h:id[2]", "extension", "1122334459"), "СНИЛС|100.3"),
    "passport without a number": (empty("//identity:IdentityDoc/identity:Number"), "IdentityDoc"),
    "passport type untyped": (put("//identity:IdentityCardType", XSI_TYPE, "CE"), "IdentityCardType"),
    "two policies": (double("//identity:InsurancePolicy"), "InsurancePolicy"),
    "address of registration first": (put("(//address:Type)[1]", "code", "1"), "address:Type"),
    "region of an unknown dictionary": (put("(//address:stateCode)[1]", "codeSystem", "1.2.3"), "stateCode"),
    "index of five digits": (put("(//h:postalCode)[1]", "nullFlavor", ""), "postalCode|XSD|nullFlavor"),
    "two patients' names": (double("//h:patient/h:name"), "name"),
    "patronymic untyped": (put("(//identity:Patronymic)[1]", XSI_TYPE, "PN"), "Patronymic"),
    "sex without a version": (put("//h:administrativeGenderCode", "codeSystemVersion", ""), "administrativeGender"),
    "no date of birth": (drop("//h:patient/h:birthTime"), "birthTime"),
    "two lows of insurance": (double("//identity:DocInfo/identity:effectiveTime/identity:low"), "low"),
    "author's own СНИЛС missing": (put("//h:assignedAuthor/h:id[2]", "root", "1.2.3"), "100.3"),
    "author's position": (put("//h:assignedAuthor/h:code", "codeSystem", "1.2.3"), "assignedAuthor/code"),
    "no custodian's address": (drop("//h:representedCustodianOrganization/h:addr"), "addr"),
    "no ministry among receivers": (put("//h:receivedOrganization/h:id", "root", "1.2.643"), "informationRecipient"),
    "no legal authenticator": (drop("h:legalAuthenticator"), "legalAuthenticator"),
    "source of payment": (put("//h:associatedEntity/h:code", "code", ""), "associatedEntity"),
    "ДМС by an ОМС policy": (put("//h:associatedEntity/h:code", "code", "3"), "IdentityDocType"),
    "no insurer": (drop("//h:associatedEntity/h:scopingOrganization"), "scopingOrganization"),
    "no event": (drop("//h:serviceEvent/h:code"), "serviceEvent"),
    "service form": (put("//medService:serviceForm", "codeSystem", "1.2.3"), "serviceForm"),
    "no performer": (drop("//h:serviceEvent/h:performer"), "performer"),
    "case id of another type": (put("//h:encompassingEncounter/h:id[1]", "root", "1.2.3"), "encompassingEncounter"),
    "no case": (drop("h:componentOf"), "componentOf"),
    **{
        f"no section {code}": (drop(f"{section(code)}/.."), code)
        for code in ("DOCINFO", "ANAM", "LANAM", "RESCONS", "DGN")
    },
    "two diagnosis sections": (double(f"{section('DGN')}/.."), "DGN"),
    "section without a text": (drop(f"{section('LANAM')}/h:text"), "text"),
    "no ICD-10 code": (drop("//h:entry[h:observation/h:code/@code='809']"), "809"),
    "visit told twice": (double("//h:entry[h:observation/h:code/@code='800']"), "800"),
    "empty history": (empty(f"{section('ANAM')}//h:value"), "7006"),
    "conclusion is not a text": (put("//h:observation[h:code/@code='806']/h:value", XSI_TYPE, "ED"), "806"),
    "condition of an unknown dictionary": (
        put("//h:observation[h:code/@code='804']/h:value", "codeSystem", "1.2.3"),
        "804",
    ),
    "sign without a unit": (put(f"{section('VITALPARAM')}//h:value", "unit", ""), "unit"),
    "signs not completed": (put("//h:organizer/h:statusCode", "code", "active"), "completed"),
    "recommendations twice": (double(f"{section('REGIME')}/h:entry"), "807"),
    "mood": (put("(//h:observation)[1]", "moodCode", "INT"), "EVN"),
}


def describe(pack: RulePack, finding: Finding) -> str:
    """Return the text of a finding with the rule it comes from."""
    if finding.rule == "xsd":
        return finding.text
    rule = pack.checks[int(finding.rule) - 1]
    return f"{finding.text} {rule.context} {rule.test}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_document_is_refused_for_its_breach(pack: RulePack, one_by_one: "Selecting", name: str) -> None:
    mutate, words = MUTATIONS[name]
    root = parse_safely(FULL)
    mutate(root)
    verdict = check(pack, etree.tostring(root))
    assert not verdict.passed
    assert any(re.search(words, describe(pack, finding)) for finding in verdict.findings), verdict.findings
    assert Counter(int(finding.rule) for finding in verdict.findings if finding.rule != "xsd") == one_by_one(root)


def test_a_finding_says_where_it_is(pack: RulePack) -> None:
    root = parse_safely(FULL)
    root.xpath("(//h:observation)[2]", namespaces=NS)[0].set("moodCode", "INT")
    broken = etree.tostring(root)
    finding = next(f for f in check(pack, broken).findings if "EVN" in f.text)
    assert finding.location == (
        "/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]/entry[2]/observation[1]"
    )
    assert b'moodCode="INT"' in broken.splitlines()[finding.line - 1]


def test_every_rule_whose_subject_is_in_the_document_is_evaluated(pack: RulePack) -> None:
    """When every condition is made to fail, each check fires once for each node that its context selects."""
    failing = [msgspec.structs.replace(c, test="true()" if c.refuses_when else "false()") for c in pack.checks]
    fired = Counter(
        int(item.get("check", "0")) for item in transform(stylesheet(failing, PREFIXES).decode(), plain(FULL))
    )
    expected = Selecting(failing)(parse_safely(FULL))
    assert fired == expected
    assert len(fired) > 700


class Selecting:
    """The same checks evaluated another way: each by itself selects its nodes by XPath from the root."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = checks
        counts = "".join(
            f"<xsl:try><c><xsl:value-of select={quoteattr(self._breaches(c))}/></c>"
            "<xsl:catch><c>1</c></xsl:catch></xsl:try>"
            for c in checks
        )
        prefixes = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
        self.source = (
            f'<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" {prefixes}>'
            f'<xsl:template match="/"><r>{counts}</r></xsl:template></xsl:stylesheet>'
        )

    def _breaches(self, c: Check) -> str:
        selected = " | ".join(
            part if part.startswith("//") else f"//{part}" for part in re.split(r"\s+\|\s+|(?<=\])\|(?=//)", c.context)
        )
        return f"count(({selected})[{c.test if c.refuses_when else f'not({c.test})'}])"

    def __call__(self, root: etree._Element) -> Counter[int]:
        counted = [int(item.text) for item in transform(self.source, plain(etree.tostring(root)))]
        return Counter({c.number: count for c, count in zip(self.checks, counted, strict=True) if count})


@pytest.fixture(scope="session")
def one_by_one(pack: RulePack) -> Selecting:
    return Selecting(pack.checks)


def plain(xml: bytes) -> str:
    """Drop the default namespace from the text: another way than the one under test."""
    return re.sub(r"^<\?xml[^>]*\?>", "", xml.decode()).replace(' xmlns="urn:hl7-org:v3"', "")


@cache
def compiled(source: str) -> tuple[saxonche.PySaxonProcessor, saxonche.PyXsltExecutable]:
    processor = saxonche.PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=source)


def transform(source: str, xml: str) -> etree._Element:
    processor, program = compiled(source)
    return etree.fromstring(program.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml)).encode())
