"""The page that shows a document: it is complete and never carries the document's own markup."""

from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from tests.semd_samples import LEAST, build, full, newborn, with_form

from trustmed.semd.cda.read import parse_safely
from trustmed.semd.cda.render import render

HL7 = "urn:hl7-org:v3"
ALLOWED = set("article header section div h2 h3 h4 h5 h6 dl dt dd p span ul ol li sub sup br".split()) | set(
    "table caption thead tbody tfoot tr th td".split()
)


def visible_text(fragment: str) -> str:
    return " ".join(html.fromstring(fragment).text_content().split())


def assert_harmless(fragment: str) -> None:
    for element in html.fromstring(fragment).iter():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= {"class", "lang"}
        assert all(name.startswith("semd") for name in element.get("class", "").split())


def with_narrative(inner: str) -> bytes:
    root = parse_safely(build(LEAST))
    text = root.find(f".//{{{HL7}}}text")
    text.clear()
    text.append(etree.fromstring(f"<content xmlns='{HL7}'>{inner}</content>"))
    return etree.tostring(root)


def test_everything_a_reader_needs_is_shown() -> None:
    page = visible_text(render(build(full())))
    for words in (
        "Протокол консультации",
        "Иванова Анна Петровна",
        "01.05.1980",
        "Женский",
        "112-233-445 95",
        "Поликлиника № 1",
        "Петров Пётр Ильич, Врач-кардиолог",
        "02.03.2026 09:30 (UTC+03:00)",
        "Боль за грудиной",
        "Артериальное давление систолическое140мм.рт.ст.",
        "ГБ II стадии",
        "Ожирение",
        "Контроль АД",
    ):
        assert words.replace(" ", "") in page.replace(" ", ""), words


def test_labels_follow_the_language() -> None:
    assert "Пациент" in visible_text(render(build(LEAST)))
    assert "Date of birth" in visible_text(render(build(LEAST), "en"))


def test_a_person_without_patronymic_is_named() -> None:
    assert "О'Коннор Мария-Изабель" in visible_text(render(build(newborn())))


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn"))).filter(str.strip))
def test_words_of_the_doctor_never_become_markup(text: str) -> None:
    """Nothing of the kind is built or taken in; what was stored before that is shown as plain text."""
    built = build(with_form(complaints=f"SCRIPT{text}", conclusion=text))
    fragment = render(built.replace(b"SCRIPT", b"&lt;script&gt;alert(1)&lt;/script&gt;", 1))
    assert_harmless(fragment)
    assert "<script" not in fragment
    assert f"<script>alert(1)</script>{text}" in unescape(fragment)


@pytest.mark.parametrize(
    "inner",
    [
        "<linkHtml href='javascript:alert(1)'>тут</linkHtml>",
        "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
        "<x:img xmlns:x='http://www.w3.org/1999/xhtml' src='x' onerror='alert(1)'/>",
        "<paragraph styleCode='x\" onclick=\"alert(1)' onclick='alert(1)'>тут</paragraph>",
        "<renderMultiMedia referencedObject='a'/><table onload='alert(1)'><tbody><tr><td>тут</td></tr></tbody></table>",
        "<!-- --><?php alert(1) ?><list listType='ordered'><item>тут</item></list>",
        "<iframe/><style>body{}</style><p xmlns=''>тут</p>",
        "<![CDATA[<script>alert(1)</script>]]>",
    ],
)
def test_markup_of_the_document_never_reaches_the_page(inner: str) -> None:
    fragment = render(with_narrative(inner))
    assert_harmless(fragment)
    assert "alert" not in fragment or "&lt;script&gt;alert(1)" in fragment or ">alert(1)</span>" in fragment
    assert "javascript" not in fragment
    assert ("тут" in inner) == ("тут" in fragment)


def test_ordered_list_and_line_breaks_are_kept() -> None:
    fragment = render(with_narrative("<list listType='ordered'><item>раз<br/>два</item></list>"))
    assert '<ol class="semd-ol"><li class="semd-li">раз<br class="semd-br">два</li></ol>' in fragment
