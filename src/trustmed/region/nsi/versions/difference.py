"""Find how one version of a dictionary differs from another."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from trustmed.region.nsi.versions.model import ChangeKind, ColumnChange, Difference, RowChange

EXAMPLES: Final = 20

Content = Mapping[str, str | None]


class Pair(msgspec.Struct, frozen=True):
    """A row that differs between two versions; None: that version has no such row."""

    key: str
    code: str | None
    name: str
    before: dict[str, str | None] | None
    after: dict[str, str | None] | None


def difference_of(
    oid: str,
    before: str | None,
    after: str,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    pairs: Iterable[Pair],
    limit: int = EXAMPLES,
) -> Difference:
    """Count the pairs by kind and column, keeping the first `limit` of each kind. `columns`: before and after."""
    earlier, later = map(dict.fromkeys, columns)
    common = [column for column in later if column in earlier]
    counts: Counter[ChangeKind] = Counter()
    changed_columns: Counter[str] = Counter()
    rows: list[RowChange] = []
    for pair in pairs:
        change = change_of(pair, common)
        if change is None:
            continue
        counts[change.kind] += 1
        changed_columns.update(column.column for column in change.columns)
        if counts[change.kind] <= limit:
            rows.append(change)
    return Difference(
        oid=oid,
        before=before,
        after=after,
        added=counts[ChangeKind.ADDED],
        changed=counts[ChangeKind.CHANGED],
        withdrawn=counts[ChangeKind.WITHDRAWN],
        changed_columns=dict(changed_columns.most_common()),
        columns_added=tuple(column for column in later if column not in earlier) if before else (),
        columns_withdrawn=tuple(column for column in earlier if column not in later),
        rows=tuple(rows),
    )


def change_of(pair: Pair, common: Iterable[str]) -> RowChange | None:
    """Return how a row changed; None if the columns common to both versions are equal."""
    if pair.before is None:
        return RowChange(ChangeKind.ADDED, pair.key, pair.code, pair.name)
    if pair.after is None:
        return RowChange(ChangeKind.WITHDRAWN, pair.key, pair.code, pair.name)
    before, after = pair.before, pair.after
    columns = tuple(
        ColumnChange(column, before.get(column), after.get(column))
        for column in common
        if before.get(column) != after.get(column)
    )
    return RowChange(ChangeKind.CHANGED, pair.key, pair.code, pair.name, columns) if columns else None
