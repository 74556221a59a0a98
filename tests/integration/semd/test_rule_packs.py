"""Compiling and running packs of rules, on packs small enough to read."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trustmed.semd.cda.read import NotXml
from trustmed.semd.rules.check import MOST_FINDINGS, RulesBroken, RulesMissing, check, installed_kinds, load_pack

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">
<xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>
<xs:any namespace="##any" processContents="skip" minOccurs="0" maxOccurs="5"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""

RULES = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="identity" uri="urn:hl7-ru:identity"/>
<!-- <pattern><rule context="a"><assert test="false()">commented out</assert></rule></pattern> -->
<pattern><rule context="{context}">{checks}</rule>{more}</pattern></schema>"""


def pack_of(tmp_path: Path, checks: str, context: str = "ClinicalDocument/a", more: str = "") -> Path:
    folder = tmp_path / "1"
    folder.mkdir(exist_ok=True)
    (folder / "CDA.xsd").write_text(XSD)
    (folder / "rules.sch").write_text(RULES.format(context=context, checks=checks, more=more))
    return tmp_path


def find_in(directory: Path, inside: str) -> list[tuple[str, str, int]]:
    document = f'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">\n{inside}</ClinicalDocument>'
    verdict = check(load_pack(directory, "1"), document.encode())
    assert verdict.passed == (not verdict.findings)
    return [(finding.text, finding.location, finding.line) for finding in verdict.findings]


def test_assert_refuses_what_is_false_and_report_what_is_true(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, '<assert test="@v=1">one</assert><report test="@bad">bad</report>')
    assert find_in(directory, "<a v='1'/>") == []
    assert find_in(directory, "<a v='1'/>\n<a v='2' bad=''/>") == [
        ("one", "/ClinicalDocument/a[2]", 4),
        ("bad", "/ClinicalDocument/a[2]", 4),
    ]


def test_a_rule_is_not_hidden_by_an_earlier_one(tmp_path: Path) -> None:
    more = '<rule context="a[1]"><assert test="@w">second</assert></rule>'
    directory = pack_of(tmp_path, '<assert test="@v">first</assert>', more=more)
    assert [text for text, _, _ in find_in(directory, "<a/>")] == ["first", "second"]
    assert [text for text, _, _ in find_in(directory, "<a v=''/>")] == ["second"]


def test_a_condition_that_cannot_be_evaluated_is_a_finding(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, "<assert test=\"matches(b/@v, 'x')\">one b</assert>")
    assert find_in(directory, "<a><b v='x'/></a>") == []
    assert [text for text, _, _ in find_in(directory, "<a><b v='x'/><b v='x'/></a>")] == ["one b"]


def test_children_and_attributes_under_a_matched_element_are_checked_too(tmp_path: Path) -> None:
    directory = pack_of(
        tmp_path,
        '<assert test="true()">never</assert>',
        more='<rule context="//identity:c | //d"><assert test=". = \'ok\'">ok</assert></rule>',
    )
    inside = "<a><b><identity:c xmlns:identity='urn:hl7-ru:identity'>no</identity:c></b><d>ok</d></a>"
    assert find_in(directory, inside) == [("ok", "/ClinicalDocument/a[1]/b[1]/c[1]", 3)]


def test_the_xsd_is_part_of_the_check(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, '<assert test="@v">v</assert>')
    verdict = check(
        load_pack(directory, "1"), b'<ClinicalDocument xmlns="urn:hl7-org:v3" x="1"><a/></ClinicalDocument>'
    )
    assert {finding.rule for finding in verdict.findings} == {"xsd", "1"}
    assert not check(load_pack(directory, "1"), b"<ClinicalDocument/>").passed


def test_a_finding_of_the_xsd_says_where_it_is(tmp_path: Path) -> None:
    pack = load_pack(pack_of(tmp_path, '<assert test="true()">v</assert>'), "1")
    document = b'<ClinicalDocument xmlns="urn:hl7-org:v3">' + b"\n<i:a xmlns:i='urn:x'/>" * 7 + b"</ClinicalDocument>"
    (finding,) = check(pack, document).findings
    assert (finding.rule, finding.location, finding.line) == ("xsd", "/ClinicalDocument/a[6]", 7)


@pytest.mark.parametrize(
    "inside", ["<x:\U00010400 xmlns:x='urn:x'/>", "<x:a xmlns:x='not a : uri %'/>", "<a xml:id='1'/>"]
)
def test_a_document_that_only_one_of_two_parsers_accepts_is_refused(tmp_path: Path, inside: str) -> None:
    pack = load_pack(pack_of(tmp_path, '<assert test="@v">v</assert>'), "1")
    with pytest.raises(NotXml):
        check(pack, f'<ClinicalDocument xmlns="urn:hl7-org:v3">{inside}</ClinicalDocument>'.encode())


def test_comments_and_instructions_do_not_shift_places(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, '<assert test="@v">v</assert>')
    assert find_in(directory, "<?a b?><!-- c --><b/>\n<a/>") == [("v", "/ClinicalDocument/a[1]", 4)]


def test_a_hopeless_document_gives_a_bounded_answer(tmp_path: Path) -> None:
    pack = load_pack(pack_of(tmp_path, '<assert test="@v">v</assert>'), "1")
    document = b'<ClinicalDocument xmlns="urn:hl7-org:v3">' + b"<a/>" * 20_000 + b"</ClinicalDocument>"
    verdict = check(pack, document)
    assert not verdict.passed
    assert 0 < len(verdict.findings) <= 2 * MOST_FINDINGS


def test_documents_are_checked_from_many_threads(tmp_path: Path) -> None:
    pack = load_pack(pack_of(tmp_path, '<assert test="@v=1">one</assert>'), "1")
    documents = [f'<ClinicalDocument xmlns="urn:hl7-org:v3"><a v="{n % 2}"/></ClinicalDocument>' for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda xml: check(pack, xml.encode()), documents))
    assert [verdict.passed for verdict in verdicts] == [bool(n % 2) for n in range(40)]


def test_the_digest_of_a_pack_changes_with_any_file(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, '<assert test="@v">v</assert>')
    first = load_pack(directory, "1").digest
    assert load_pack(directory, "1").digest == first
    (directory / "1" / "note.txt").write_text("x")
    assert load_pack(directory, "1").digest != first


def test_an_absent_pack_is_named(tmp_path: Path) -> None:
    assert installed_kinds(tmp_path / "none") == ()
    with pytest.raises(RulesMissing, match="119"):
        load_pack(tmp_path, "119")
    with pytest.raises(RulesMissing):
        load_pack(pack_of(tmp_path, ""), "../1")
    (tmp_path / "1" / "rules.sch").unlink()
    with pytest.raises(RulesMissing, match=r"rules\.sch"):
        load_pack(tmp_path, "1")


@pytest.mark.parametrize(
    "checks",
    [
        "",
        '<assert test="((">x</assert>',
        '<assert test="unknown:f()">x</assert>',
        "<assert>x</assert>",
        '<let name="x" value="1"/>',
        '<assert test="count(@*)=0">x</assert>',
        '<assert test="@v">x <name/></assert>',
        '<assert test="@v">',
    ],
)
def test_broken_rules_are_named(tmp_path: Path, checks: str) -> None:
    with pytest.raises(RulesBroken, match=r"rules\.sch"):
        load_pack(pack_of(tmp_path, checks), "1")


def test_a_broken_xsd_is_named(tmp_path: Path) -> None:
    directory = pack_of(tmp_path, '<assert test="@v">v</assert>')
    (directory / "1" / "CDA.xsd").write_text(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:nope/></xs:schema>"
    )
    with pytest.raises(RulesBroken, match=r"CDA\.xsd"):
        load_pack(directory, "1")
