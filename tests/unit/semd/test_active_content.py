"""A document that may run when it is shown is refused, wherever it hides that and however it spells it."""

import base64
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.examples import examples
from tests.semd_samples import ACCEPTED, build, full, with_form

from trustmed.errors import InputRefused
from trustmed.semd.cda.active import ACTIVE_NAMES, ActiveContent, refuse_active
from trustmed.semd.cda.elements import tag
from trustmed.semd.cda.read import parse_safely

DOCUMENT = build(full())
PLACES = len(list(parse_safely(DOCUMENT).iter(etree.Element)))
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >>"


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def observed(media: str, content: bytes) -> str:
    return f'<value mediaType="{media}" representation="B64">{base64_of(content)}</value>'


HARMLESS = (
    '<linkHtml href="https://example.org/a?b=javascript">рекомендации</linkHtml>',
    '<linkHtml href="#part">часть</linkHtml>',
    '<telecom value="tel:+74950000000"/>',
    '<telecom value="mailto:clinic@example.org"/>',
    "<content>АД &lt; 120, пульс &gt; 60; данные: в норме</content>",
    "<content><![CDATA[t < 37 & SpO2 > 95]]></content>",
    "<!-- набрал <врач> -->",
    observed("application/pdf", PDF),
    observed("image/png", b"\x89PNG\r\n\x1a\n\x00"),
    observed("text/plain; charset=utf-8", "Обычный текст".encode()),
)
ACTIVE = (
    "<script>alert(1)</script>",
    '<x:script xmlns:x="urn:hl7-org:v3"/>',
    '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<b xmlns="http://www.w3.org/1999/xhtml">жирный</b>',
    '<include xmlns="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>',
    '<content xmlns="">без пространства имён</content>',
    '<iframe src="https://example.org"/>',
    "<?xml-stylesheet type='text/xsl' href='x.xsl'?>",
    "<?php echo 1 ?>",
    '<linkHtml href="javascript:alert(1)">x</linkHtml>',
    '<linkHtml href=" java&#9;script&#10;:alert(1)">x</linkHtml>',
    '<linkHtml href="java&#x200B;script:alert(1)">x</linkHtml>',
    '<linkHtml href="&amp;#106;avascript&amp;colon;alert(1)">x</linkHtml>',
    '<linkHtml href="data:text/html;base64,PHNjcmlwdD4=">x</linkHtml>',
    '<linkHtml href="file:///etc/passwd">x</linkHtml>',
    '<linkHtml href="vbscript:x">x</linkHtml>',
    '<reference value="javascript:alert(1)"/>',
    '<content onclick="alert(1)">x</content>',
    '<content style="background:url(//example.org)">x</content>',
    '<content xmlns:l="http://www.w3.org/1999/xlink" l:href="#x">x</content>',
    '<text mediaType="text/html">x</text>',
    '<text mediaType=" Text/HTML ; charset=utf-8">x</text>',
    '<text mediaType="image/svg+xml">x</text>',
    '<text mediaType="application/x-shockwave-flash">x</text>',
    "<content>&lt;script&gt;alert(1)&lt;/script&gt;</content>",
    "<content>&#60;SCRIPT&#62;alert(1)</content>",
    "<content>&lt;x onerror = alert(1)&gt;</content>",
    "<content>&amp;lt;script&amp;gt;</content>",
    "<content><![CDATA[<ScRiPt>alert(1)</sCrIpT>]]></content>",
    "<content><![CDATA[<img src=x onerror=alert(1)>]]></content>",
    "<content>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</content>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    observed("text/html", b"<p>x</p>"),
    observed("text/plain", b"<html><script>alert(1)</script>"),
    observed("text/plain", "<script>alert(1)</script>".encode("utf-16")),
    observed("image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    observed("application/pdf", b"<html></html>"),
    observed("application/pdf", PDF + b" /OpenAction << /S /Java#53cript /JS (app.alert(1)) >>"),
    '<value mediaType="application/pdf" representation="B64">не base64</value>',
    '<value mediaType="application/pdf" representation="B64" compression="DF">AAAA</value>',
    f'<value representation="b64">{base64_of(b"<script>alert(1)</script>")}</value>',
)


def with_inside(fragment: str, place: int) -> bytes:
    """Return the document with the fragment inside its element of this number, as bytes from outside may have it."""
    root = parse_safely(DOCUMENT)
    element = list(root.iter(etree.Element))[place % PLACES]
    element.append(etree.Element(tag("hole")))
    return re.sub(rb"<(?:\w+:)?hole\s*/>", lambda _: fragment.encode(), etree.tostring(root, encoding="UTF-8"))


def recased(text: str, upper: list[bool]) -> str:
    """Return the words of a fragment's values and texts in other cases; names of elements stay as XML needs them."""
    keep = re.compile(
        r"(xmlns(?::\w+)?=\"[^\"]*\"|</?[\w:]+|[\w:]+(?==)|&#?\w+;|<!\[CDATA\[|<!--\[if IE\]>|[A-Za-z0-9+/=]{40,})"
    )
    parts = keep.split(text)
    letters = iter(upper * (len(text) // max(len(upper), 1) + 1))
    return "".join(
        part if number % 2 else "".join(c.upper() if next(letters) else c for c in part)
        for number, part in enumerate(parts)
    )


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_document_we_build_is_accepted(name: str) -> None:
    refuse_active(build(ACCEPTED[name]))


def test_a_document_is_not_built_of_words_that_another_program_may_run() -> None:
    with pytest.raises(ActiveContent, match="paragraph"):
        build(with_form(complaints="Боль <script>alert(1)</script>"))


@pytest.mark.parametrize("fragment", HARMLESS)
def test_what_a_document_may_have_is_accepted(fragment: str) -> None:
    refuse_active(with_inside(fragment, 7))


@pytest.mark.parametrize("fragment", ACTIVE)
def test_what_may_run_is_refused_and_its_place_told(fragment: str) -> None:
    with pytest.raises(ActiveContent) as refused:
        refuse_active(with_inside(fragment, 7))
    assert refused.value.line
    assert "ClinicalDocument/" in refused.value.ru
    assert "ClinicalDocument/" in refused.value.en


@settings(max_examples=examples(60), deadline=None)
@given(
    fragment=st.sampled_from([one for one in ACTIVE if "B64" not in one and "b64" not in one and "+AD" not in one]),
    place=st.integers(0, PLACES - 1),
    upper=st.lists(st.booleans(), min_size=1, max_size=7),
)
def test_it_is_refused_in_any_place_and_spelling(fragment: str, place: int, upper: list[bool]) -> None:
    with pytest.raises(InputRefused):
        refuse_active(with_inside(recased(fragment, upper), place))


@pytest.mark.parametrize("instruction", ["<?xml-stylesheet type='text/xsl' href='x.xsl'?>", "<?x y?>"])
@pytest.mark.parametrize("after", [False, True])
def test_an_instruction_beside_the_root_is_refused(instruction: str, after: bool) -> None:
    declaration, _, rest = DOCUMENT.partition(b"?>")
    inside = [declaration + b"?>", rest]
    inside.insert(2 if after else 1, instruction.encode())
    with pytest.raises(ActiveContent):
        refuse_active(b"\n".join(inside))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("says", [True, False])
def test_another_encoding_is_refused(encoding: str, says: bool) -> None:
    text = DOCUMENT.decode().partition("?>")[2]
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if says else '<?xml version="1.0"?>'
    with pytest.raises(InputRefused):
        refuse_active((declaration + text).encode(encoding, "replace"))


def test_a_document_that_says_it_is_utf_7_is_refused() -> None:
    text = DOCUMENT.decode().partition("?>")[2]
    with pytest.raises(InputRefused):
        refuse_active(('<?xml version="1.0" encoding="utf-7"?>' + text).encode("utf-7"))


def test_a_declared_doctype_or_entity_is_refused() -> None:
    root = DOCUMENT.decode().partition("?>")[2]
    for declared in ("<!DOCTYPE ClinicalDocument>", '<!DOCTYPE x [<!ENTITY a "<script/>">]>'):
        with pytest.raises(InputRefused):
            refuse_active((declared + root).encode())
    with pytest.raises(InputRefused):
        refuse_active(with_inside("<content>&a;</content>", 7))


@pytest.mark.skipif("TRUSTMED_SEMD_DIR" not in os.environ, reason="without the ministry's packs")
def test_no_element_of_the_official_schemas_is_refused_by_its_name() -> None:
    names: set[str] = set()
    for path in Path(os.environ["TRUSTMED_SEMD_DIR"]).rglob("*.xsd"):
        names |= {name.lower() for name in re.findall(r"<xs:element\b[^>]*\bname=\"(\w+)\"", path.read_text("utf-8"))}
    assert names
    assert not names & ACTIVE_NAMES
