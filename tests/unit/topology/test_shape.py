"""Which differences between the two ends of a table make them drift apart."""

import msgspec
import pytest

from trustmed.topology.watch.ends.shape import Column, Table, drift

NAME = "mpi.patient"
KEY = ("organization_id", "id")
COLUMNS = {"organization_id": Column("integer", True), "id": Column("uuid", False), "phone": Column("text", False)}
TABLE = Table(COLUMNS, KEY, ("mpi.patient_p00", "mpi.patient_p01"), True)


def drift_between(
    own: Table = TABLE, other: Table = TABLE, carried: list[str] | None = None, strict: bool = True
) -> str:
    columns = list(own.columns) if carried is None else carried
    return "; ".join(drift({NAME: columns}, {NAME: own}, {NAME: other}, strict=strict))


def table_with(**columns: Column | None) -> Table:
    kept = {name: column for name, column in {**COLUMNS, **columns}.items() if column is not None}
    return msgspec.structs.replace(TABLE, columns=kept)


def test_alike_tables_do_not_drift() -> None:
    assert drift_between() == ""
    assert drift_between(other=table_with(extra=Column("text", False))) == ""


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        (TABLE, table_with(phone=None), "phone: нет у получателя"),
        (TABLE, table_with(phone=Column("integer", False)), "phone: text ≠ integer"),
        (TABLE, table_with(extra=Column("text", True)), "extra: обязателен у получателя"),
        (TABLE, msgspec.structs.replace(TABLE, partitions=TABLE.partitions[:1]), "mpi.patient_p01"),
        (TABLE, msgspec.structs.replace(TABLE, key=("id",)), "key of the target: (id)"),
        (msgspec.structs.replace(TABLE, key=()), TABLE, "key of the source: ()"),
        (msgspec.structs.replace(TABLE, identified=False), TABLE, "replica identity"),
    ],
)
def test_a_difference_that_breaks_the_link_is_drift(own: Table, other: Table, words: str) -> None:
    assert words in drift_between(own, other)


def test_a_column_that_is_not_carried_is_drift() -> None:
    assert "phone: не передаётся" in drift_between(carried=list(KEY))


def test_absent_tables_are_drift() -> None:
    assert "absent at the target" in drift({NAME: []}, {NAME: TABLE}, {})[0]
    assert "absent at the source" in drift({NAME: []}, {}, {NAME: TABLE})[0]


def test_a_region_upgraded_first_may_have_wider_types() -> None:
    assert (
        drift_between(other=table_with(phone=Column("varchar", False), extra=Column("text", True)), strict=False) == ""
    )


def test_a_region_upgraded_first_may_keep_columns_and_tables_that_its_site_lacks() -> None:
    assert drift_between(own=table_with(extra=Column("text", False)), carried=list(COLUMNS), strict=False) == ""
    assert "extra: нет у получателя" in drift_between(own=table_with(extra=Column("text", False)), strict=False)
    assert "phone: не передаётся" in drift_between(carried=list(KEY), strict=False)
    assert drift({}, {NAME: TABLE}, {}, strict=False, coming=frozenset({NAME})) == ()
