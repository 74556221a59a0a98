"""Build documents of single CDA entries, as sites of the region may write them, and read their facts."""

import datetime as dt

from trustmed.semd.facts.extraction import facts
from trustmed.semd.facts.model import Extracted, Fact

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


def only_fact(*entries: str, of: str = "DOCINFO", code: str = "5") -> Fact:
    found = facts(document(section(of, *entries), code=code))
    assert found.not_understood == 0
    (fact,) = found.facts
    return fact


def assert_no_facts(*entries: str, of: str = "DOCINFO") -> None:
    assert facts(document(section(of, *entries))) == Extracted((), 0)


def icd(code: str = "I11.9", title: str = "Гипертензивная болезнь", inside: str = "", system: str = "11.1005") -> str:
    return coded("value", system, code, title, inside, "CD")
