"""How one version differs from another."""

from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.nsi.versions.difference import Pair, difference_of
from trustmed.region.nsi.versions.model import ChangeKind, ColumnChange, RowChange

Rows = dict[str, dict[str, str | None]]
COLUMNS = ("A", "B")
content = st.fixed_dictionaries({"A": st.none() | st.sampled_from("xyz"), "B": st.sampled_from("xyz")})
versions = st.dictionaries(st.sampled_from("123456789"), content)


def pairs(before: Rows, after: Rows) -> list[Pair]:
    return [Pair(key, key, key, before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]


@given(versions, versions)
def test_a_difference_turns_the_rows_before_into_the_rows_after(before: Rows, after: Rows) -> None:
    found = difference_of("1.2", "1.1", "1.2", (COLUMNS, COLUMNS), pairs(before, after), 100)
    built = {key: dict(row) for key, row in before.items()}
    for row in found.rows:
        if row.kind is ChangeKind.WITHDRAWN:
            del built[row.key]
        elif row.kind is ChangeKind.ADDED:
            assert row.key not in built
            built[row.key] = after[row.key]
        else:
            for one in row.columns:
                assert built[row.key][one.column] == one.before
                built[row.key][one.column] = one.after
    assert built == after
    assert found.is_empty == (before == after)
    assert found.added - found.withdrawn == len(after) - len(before)
    assert sum(found.changed_columns.values()) >= found.changed


@given(versions, versions, st.integers(0, 3))
def test_counts_do_not_depend_on_how_many_are_shown(before: Rows, after: Rows, shown: int) -> None:
    whole = difference_of("1.2", "1.1", "1.2", (COLUMNS, COLUMNS), pairs(before, after), 100)
    short = difference_of("1.2", "1.1", "1.2", (COLUMNS, COLUMNS), pairs(before, after), shown)
    assert (short.added, short.changed, short.withdrawn) == (whole.added, whole.changed, whole.withdrawn)
    assert short.changed_columns == whole.changed_columns
    for kind in ChangeKind:
        of_kind = [row for row in whole.rows if row.kind is kind]
        assert [row for row in short.rows if row.kind is kind] == of_kind[:shown]


def test_a_new_column_changes_no_row() -> None:
    pair = Pair("1", "1", "x", {"A": "x", "OLD": "1"}, {"A": "x", "NEW": "2"})
    found = difference_of("1.2", "1.1", "1.2", (("A", "OLD"), ("A", "NEW")), [pair])
    assert (found.changed, found.columns_added, found.columns_withdrawn) == (0, ("NEW",), ("OLD",))
    assert not found.is_empty


def test_a_changed_value_is_shown_before_and_after() -> None:
    pair = Pair("7", "A07", "Имя", {"A": None, "B": "1"}, {"A": "x", "B": "1"})
    found = difference_of("1.2", "1.1", "1.2", (COLUMNS, COLUMNS), [pair])
    assert found.rows == (RowChange(ChangeKind.CHANGED, "7", "A07", "Имя", (ColumnChange("A", None, "x"),)),)


def test_every_row_of_the_first_version_is_added() -> None:
    found = difference_of("1.2", None, "1.1", ((), COLUMNS), pairs({}, {"1": {"A": "x", "B": "y"}}))
    assert (found.added, found.columns_added) == (1, ())
