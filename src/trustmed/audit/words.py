"""What the check of a trail says to people, in both languages."""

from collections.abc import Iterator, Mapping
from typing import Final

from trustmed.audit.checking import Verdict
from trustmed.audit.seals import Finding, Kind
from trustmed.audit.trails import Report

KINDS: Final[Mapping[Kind, tuple[str, str]]] = {
    "changed": ("строка изменена", "a row was changed"),
    "missing": ("строки нет", "a row is missing"),
    "moved": ("строка переставлена", "a row was moved"),
    "inserted": ("строка вставлена задним числом", "a row was added among sealed ones"),
    "seal_changed": ("печать изменена", "a seal was changed"),
    "seal_missing": ("печатей нет", "seals are missing"),
    "chain_broken": ("печать не продолжает предыдущую", "a seal does not continue the one before"),
    "rewritten": (
        "цепочка переписана: другой стороне раньше сообщили иную печать",
        "the chain was made anew: the other side was told of another seal before",
    ),
    "cut": (
        "печати, известной другой стороне, здесь нет: журнал обрезан или база восстановлена из копии",
        "the other side knows a seal that is not here: the trail was cut, or the database restored from a backup",
    ),
    "history_unknown": ("строка неизвестного происхождения", "a row of a history the database never had"),
}


def lines(report: Report, language: str) -> Iterator[str]:
    """Describe how a trail stands, a line each."""
    english = language == "en"
    if report.verdict is None:
        yield f"{report.database}: {report.error_en if english else report.error_ru}"
        return
    yield f"{report.database}: {_summary(report.verdict, english)}"
    yield "    " + _tail(report.verdict, english)
    yield "    " + _anchored(report, english)
    for finding in report.verdict.findings:
        yield f"    ! {_finding(finding, english)}"


def _summary(verdict: Verdict, english: bool) -> str:
    sound = verdict.is_sound
    state = (
        ("sound" if sound else f"NOT SOUND, {len(verdict.findings)} found")
        if english
        else ("цел" if sound else f"НЕ ЦЕЛ, найдено: {len(verdict.findings)}")
    )
    counted = "rows {}, seals {}" if english else "строк {}, печатей {}"
    gone = (", past keeping {}" if english else ", удалено по сроку {}").format(verdict.dropped_rows)
    return f"{state}; {counted.format(verdict.rows, verdict.seals)}{gone if verdict.dropped_rows else ''}"


def _tail(verdict: Verdict, english: bool) -> str:
    if not verdict.unsealed:
        return "every row is sealed" if english else "все строки под печатью"
    words = "not sealed yet: {} rows, since {}" if english else "ещё без печати: {} строк, с {}"
    since = verdict.unsealed_since
    return words.format(verdict.unsealed, since.isoformat(timespec="seconds") if since else "?")


def _anchored(report: Report, english: bool) -> str:
    verdict = report.verdict
    through = verdict.anchored_through if verdict else None
    asked, silent = ", ".join(report.witnesses), ", ".join(report.silent)
    if through:
        said = f"{asked}: {'known through seal' if english else 'знают до печати'} {through}"
    elif asked:
        said = f"{asked}: {'told of nothing yet' if english else 'ещё ничего не сообщено'}"
    else:
        said = "compared with nobody" if english else "сравнить не с кем"
    return said + (f"; {'no answer' if english else 'нет ответа'}: {silent}" if silent else "")


def _finding(finding: Finding, english: bool) -> str:
    parts = [KINDS[finding.kind][english]]
    if finding.id:
        parts.append(str(finding.id))
    if finding.at:
        parts.append(finding.at.isoformat(timespec="milliseconds"))
    if finding.seal:
        parts.append(f"{'seal' if english else 'печать'} {finding.seal}")
    if finding.detail:
        parts.append(
            ("now in seal {}" if english else "теперь в печати {}").format(finding.detail)
            if finding.kind == "moved"
            else finding.detail
        )
    return ", ".join(parts)
