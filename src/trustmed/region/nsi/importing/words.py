"""What commands print about imports, differences and spread, in Russian and English."""

from collections.abc import Iterator

from trustmed.region.nsi.importing.batch import Step
from trustmed.region.nsi.versions.model import (
    ChangeKind,
    DictionaryLine,
    Difference,
    Publication,
    RowChange,
    SiteSpread,
    VersionLine,
)

SIGNS = {ChangeKind.ADDED: "+", ChangeKind.CHANGED: "~", ChangeKind.WITHDRAWN: "−"}
SHOWN_WHEN_IMPORTED = 3


def text(language: str, ru: str, en: str) -> str:
    return en if language == "en" else ru


def step_lines(step: Step, language: str, seconds: float) -> Iterator[str]:
    """Yield the lines about one imported or refused file."""
    place = f"[{step.number}/{step.total}]"
    if step.refused is not None:
        yield f"{place} ✗ {step.refused.text(language)}"
        return
    imported = step.imported
    if imported is None:
        return
    about = f"{place} {imported.oid} {imported.version} «{_shorten(imported.title)}»"
    if imported.outcome == "same":
        yield f"{about}: {text(language, 'уже загружена, ничего не изменено', 'held already, nothing is changed')}"
    else:
        rows = text(language, f"строк {imported.rows}", f"{imported.rows} rows")
        completed = text(language, ", дополнена до полной", ", completed") if imported.outcome == "completed" else ""
        pace = text(language, f"{seconds:.1f} с", f"{seconds:.1f} s")
        yield f"{about}: {rows}{completed}, {pace}"
    for ru, en in step.notes:
        yield f"      {text(language, ru, en)}"
    if imported.difference is not None:
        yield from difference_lines(imported.difference, language, SHOWN_WHEN_IMPORTED)


def difference_lines(found: Difference, language: str, shown: int) -> Iterator[str]:
    """Yield the counts, the columns, and the first rows of each kind."""
    against = text(language, f"от {found.before}", f"from {found.before}")
    if found.is_empty:
        yield f"      {against}: {text(language, 'отличий нет', 'no difference')}"
        return
    yield (
        f"      {against}: "
        + text(
            language,
            f"добавлено {found.added}, изменено {found.changed}, исключено {found.withdrawn}",
            f"{found.added} added, {found.changed} changed, {found.withdrawn} withdrawn",
        )
    )
    for sign, columns in (("+", found.columns_added), ("−", found.columns_withdrawn)):
        if columns:
            yield f"      {text(language, 'столбцы', 'columns')} {sign}: {', '.join(columns)}"
    if found.changed_columns:
        listed = ", ".join(f"{column} ({count})" for column, count in found.changed_columns.items())
        yield f"      {text(language, 'изменено в столбцах', 'changed in columns')}: {listed}"
    for kind in ChangeKind:
        of_kind = [row for row in found.rows if row.kind is kind]
        yield from (f"        {_row_text(row)}" for row in of_kind[:shown])


def _row_text(row: RowChange) -> str:
    label = row.code or row.key
    changes = "; ".join(f"{one.column}: {_value_text(one.before)} → {_value_text(one.after)}" for one in row.columns)
    return f"{SIGNS[row.kind]} {label} {_shorten(row.name)}" + (f" ({changes})" if changes else "")


def publication_line(publication: Publication, language: str) -> str:
    before = publication.before_version or "—"
    if publication.kind == "rolled_back":
        return text(
            language,
            f"{publication.oid}: откат {before} → {publication.version}",
            f"{publication.oid}: rolled back {before} → {publication.version}",
        )
    return text(
        language,
        f"{publication.oid}: опубликована {publication.version} (была {before})",
        f"{publication.oid}: published {publication.version} (was {before})",
    )


def dictionary_lines(line: DictionaryLine, language: str) -> Iterator[str]:
    current = line.current_version or text(language, "не опубликован", "not published")
    newer = f" ({text(language, 'есть', 'held')} {line.newest_version})" if line.has_unpublished else ""
    rows = text(language, f"строк {line.rows}, версий {line.versions}", f"{line.rows} rows, {line.versions} versions")
    yield f"{line.oid:30} {current}{newer}  {_shorten(line.title)}  {rows}"


def version_line(line: VersionLine, language: str) -> str:
    mark = "→" if line.is_current else " "
    extract = text(language, ", только часть строк", ", only some rows") if line.is_extract else ""
    released = line.released_at.strftime("%d.%m.%Y") if line.released_at else "—"
    columns = f"{line.key_column}/{line.code_column}/{line.name_column}/{line.parent_column or '—'}"
    rows = text(language, f"строк {line.rows}", f"{line.rows} rows")
    return f"{mark} {line.version:8} {released:10} {rows}{extract}  {columns}  {line.source} ({line.imported_by})"


def site_lines(one: SiteSpread, current: dict[str, str], language: str, *, every: bool) -> Iterator[str]:
    """Yield the lines about one site; with `every`, also the dictionaries that are up to date."""
    if one.seen_at is None:
        yield f"{one.site}: {text(language, 'ещё не отвечала', 'has not answered yet')}"
        return
    seen_at = one.seen_at.astimezone().strftime("%d.%m.%Y %H:%M:%S")
    state = text(language, f"отстаёт по {len(one.behind)}", f"behind on {len(one.behind)}")
    fresh = text(language, "всё как в регионе", "all as at the region")
    yield f"{one.site} ({text(language, 'видели', 'seen')} {seen_at}): {state if one.behind else fresh}"
    for oid in sorted(current.keys() | {holding.oid for holding in one.holdings}):
        there = one.version_of(oid) or "—"
        if oid in one.behind:
            yield f"    ! {oid:30} {there} ({text(language, 'в регионе', 'at the region')} {current.get(oid, '—')})"
        elif every:
            yield f"      {oid:30} {there}"


def _shorten(long: str, length: int = 60) -> str:
    return long if len(long) <= length else long[: length - 1] + "…"


def _value_text(value: str | None) -> str:
    return "—" if value is None else _shorten(value, 40)
