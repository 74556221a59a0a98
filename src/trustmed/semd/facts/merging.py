"""Merge what a document says more than once, and give diagnoses the words that another section has for them."""

import re
from collections.abc import Sequence

import msgspec

from trustmed.semd.facts.meaning import FIELDS
from trustmed.semd.facts.model import Fact
from trustmed.semd.facts.reading import clipped


class FoundFact(msgspec.Struct, frozen=True):
    """A fact, and whether its time is its own rather than the document's."""

    fact: Fact
    has_own_time: bool


def merge_repeats(found: Sequence[FoundFact]) -> list[Fact]:
    """Merge repeated facts. A repeat without a time of its own is the same fact; one with another time is another."""
    alike: dict[tuple[object, ...], list[int]] = {}
    kept: list[FoundFact] = []
    for one in found:
        indexes = alike.setdefault(_identity(one.fact), [])
        same = next((index for index in indexes if _is_same_time(kept[index], one)), None)
        if same is None:
            indexes.append(len(kept))
            kept.append(one)
        else:
            kept[same] = _merge(kept[same], one)
    return [one.fact for one in kept]


def _identity(fact: Fact) -> tuple[object, ...]:
    if fact.kind == "diagnosis":
        return (fact.kind, fact.code)
    worded = fact.text if fact.code is None or fact.system == FIELDS else None
    said = (fact.value, fact.unit, fact.abnormal, fact.until, fact.url, worded)
    return (fact.kind, fact.code, fact.system, fact.detail.get("field"), *said)


def _is_same_time(a: FoundFact, b: FoundFact) -> bool:
    return not (a.has_own_time and b.has_own_time) or a.fact.at == b.fact.at


def _merge(a: FoundFact, b: FoundFact) -> FoundFact:
    """Merge two statements of one fact: the first's words win, the time comes from the one that has its own."""
    first, second = a.fact, b.fact
    dated = b if b.has_own_time and not a.has_own_time else a
    fact = msgspec.structs.replace(
        first,
        system_version=first.system_version or second.system_version,
        title=first.title or second.title,
        text=first.text or second.text,
        at=dated.fact.at,
        until=dated.fact.until,
        detail={**second.detail, **first.detail},
    )
    return FoundFact(fact, a.has_own_time or b.has_own_time)


def add_wordings(found: Sequence[Fact], wordings: Sequence[str]) -> list[Fact]:
    """Give diagnoses without words of their own the words of the section of diagnoses: the line that names their code,
    or the whole text if there is only one diagnosis.
    """
    codes = {fact.code for fact in found if fact.kind == "diagnosis" and fact.code}
    words = {code: next((line for line in wordings if _has_code(line, code)), None) for code in codes}
    if len(codes) == 1:
        words = {code: line or "\n".join(wordings) for code, line in words.items()}
    return [
        msgspec.structs.replace(fact, text=clipped(said))
        if fact.kind == "diagnosis" and fact.text is None and (said := words.get(fact.code or ""))
        else fact
        for fact in found
    ]


def _has_code(line: str, code: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(code)}(?!\w|\.\w)", line) is not None
