"""The times of facts, and documents and entries that cannot be read."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.examples import examples
from tests.semd_samples import build, full
from tests.unit.semd.cda_entries import (
    RU,
    TIME,
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

from trustmed.semd.cda.read import HasDoctype, NotClinicalDocument, NotXml, parse_safely
from trustmed.semd.facts.extraction import MOSCOW, facts
from trustmed.semd.facts.model import Extracted

LOSS = '<value xsi:type="INT" value="60"/>'


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
def test_a_broken_time_is_counted_and_the_documents_time_is_taken(when: str) -> None:
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
def test_times_of_every_precision_are_read(when: str, at: dt.datetime, precision: str | None) -> None:
    entry = observation(field("809"), f'<effectiveTime value="{when}"/>', icd())
    (fact,) = facts(document(section("DOCINFO", entry), head="")).facts
    assert fact.at == at
    assert fact.at is not None
    assert fact.at.tzinfo is not None
    assert fact.detail.get("precision") == precision


@pytest.mark.parametrize(("end", "at"), [("20270101", WRITTEN), ("20200101", dt.datetime(2020, 1, 1, tzinfo=MOSCOW))])
def test_a_fact_with_only_an_end_began_no_later_than_it_was_written(end: str, at: dt.datetime) -> None:
    loss = observation(field("4058"), f'<effectiveTime><high value="{end}+0300"/></effectiveTime>', LOSS)
    fact = only_fact(loss, of="SOCANAM")
    assert (fact.kind, fact.value, fact.at) == ("disability", "60", at)
    assert fact.until == dt.datetime.strptime(end, "%Y%m%d").replace(tzinfo=MOSCOW)


def test_a_document_without_times_gives_facts_without_times() -> None:
    (fact,) = facts(document(section("DOCINFO", observation(field("809"), icd())), head="")).facts
    assert fact.at is None


def test_the_time_of_the_service_takes_precedence_over_the_documents() -> None:
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
def test_bytes_that_are_no_document_are_refused(xml: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        facts(xml)


def test_a_document_without_a_structured_body_has_no_facts() -> None:
    assert facts(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>') == Extracted((), 0)


def test_deep_nesting_does_not_multiply_the_work() -> None:
    frame = observation(field("809"), icd())
    for number in range(100):
        frame = observation(coded("code", "1.2.3", str(number)), relation(frame))
    assert len(facts(document(section("DOCINFO", frame))).facts) == 1


SAMPLE = build(full())


@settings(deadline=None, max_examples=examples(60))
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12))
def test_no_mutation_of_a_document_breaks_the_reader(seed: int, count: int) -> None:
    """Change and double bytes: the reader gives whole facts or a named error."""
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
    assert_read_or_refused(bytes(xml))


@settings(deadline=None, max_examples=examples(60))
@given(seed=st.integers(0, 2**32))
def test_no_shuffling_of_elements_breaks_the_reader(seed: int) -> None:
    """Move attributes and whole elements about; the document stays well-formed."""
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
    assert_read_or_refused(etree.tostring(root))


def assert_read_or_refused(xml: bytes) -> None:
    try:
        found = facts(xml)
    except (NotXml, HasDoctype, NotClinicalDocument):
        return
    for fact in found.facts:
        assert fact.code is None or (fact.code and fact.system)
        assert fact.at is None or fact.at.tzinfo is not None
        assert all(isinstance(word, str) and name for name, word in fact.detail.items())
