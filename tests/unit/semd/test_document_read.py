"""Reading documents from outside, and refusing harmful or broken ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.semd_samples import LEAST, build, full

from trustmed.errors import InputRefused
from trustmed.semd.cda.read import HasDoctype, NotClinicalDocument, NotXml, ObjectId, header, parse_safely
from trustmed.semd.cda.render import render

LARGE = 15_000_000
ROOT = "1.2.643.5.1.13.13.12.2.77.1.100.1.1"


def test_the_header_tells_whose_document_it_is() -> None:
    found = header(build(full()))
    assert found.document_id == ObjectId(f"{ROOT}.51", LEAST.document_id)
    assert found.set_id == ObjectId(f"{ROOT}.50", LEAST.set_id)
    assert (found.version, found.code, found.template) == (3, "5", "1.2.643.5.1.13.2.7.5.1.5.9.4")
    assert (found.patient_snils, found.author_snils) == ("11223344595", "11223344595")
    assert (found.patient_id, found.author_id) == (ObjectId(f"{ROOT}.10", "42"), ObjectId(f"{ROOT}.70", "7"))
    assert found.organization_oid == LEAST.organization.oid
    assert (found.title, found.effective_time) == ("Протокол консультации", "202603020930+0300")


@pytest.mark.parametrize("read", [parse_safely, header, render])
@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotXml),
        (b"plain text", NotXml),
        (b"<ClinicalDocument>", NotXml),
        (b"\x00\x01", NotXml),
        (b"<a>&undefined;</a>", NotXml),
        (b"<a>" * 300 + b"</a>" * 300, NotXml),
        (b"<!DOCTYPE a><a/>", HasDoctype),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', HasDoctype),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', HasDoctype),
        (
            b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
            + b"]><a>&j;</a>",
            HasDoctype,
        ),
        (
            (
                '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
                + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
                + "]><a b='&j;'/>"
            ).encode("utf-16"),
            HasDoctype,
        ),
        (b"<!DOCTYPE a><a>" + b" " * LARGE + b"</a>", HasDoctype),
        (b"<a>" * 300 + b" " * LARGE + b"</a>" * 300, NotXml),
        (b"<a>" + b" " * LARGE, NotXml),
    ],
)
def test_harmful_or_broken_xml_is_refused(read: object, content: bytes, error: type[InputRefused]) -> None:
    assert callable(read)
    with pytest.raises(error):
        read(content)


def test_an_attachment_may_be_one_text_of_many_megabytes() -> None:
    whole = build(full())
    document = whole.replace(b"</ClinicalDocument>", b"<text>" + b"QUJD" * (LARGE // 4) + b"</text></ClinicalDocument>")
    assert header(document) == header(whole)
    assert render(document) == render(whole)


@pytest.mark.parametrize("read", [header, render])
def test_other_xml_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(NotClinicalDocument):
        read(b"<html xmlns='http://www.w3.org/1999/xhtml'/>")
    with pytest.raises(NotClinicalDocument):
        read(b"<ClinicalDocument/>")


@pytest.mark.parametrize("part", [b"templateId", b"effectiveTime", b"custodian", b"id"])
def test_a_header_without_a_needed_part_is_refused(part: bytes) -> None:
    root = parse_safely(build(LEAST))
    root.remove(root.find("{urn:hl7-org:v3}" + part.decode()))
    with pytest.raises(NotClinicalDocument, match=part.decode()):
        header(etree.tostring(root))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (parse_safely, header, render):
        with pytest.raises(InputRefused):
            read(b"<" + content)
