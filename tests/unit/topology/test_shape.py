"""Which differences between the two ends of a table make them drift apart."""

import msgspec
import pytest

from trustmed.topology.watch.ends.shape import Column, Table, drift

NAME = "mpi.patient"
KEY = ("organization_id", "id")
COLUMNS = {"organization_id": Column("integer", True), "id": Column("uuid", False), "phone": Column("text", False)}
TABLE = Table(COLUMNS, KEY, ("mpi.patient_p00", "mpi.patient_p01"), True)


def found(own: Table = TABLE, other: Table = TABLE, carried: list[str] | None = None, strict: bool = True) -> str:
    columns = list(own.columns) if carried is None else carried
    return "; ".join(drift({NAME: columns}, {NAME: own}, {NAME: other}, strict=strict))


def changed(**columns: Column | None) -> Table:
    kept = {name: column for name, column in {**COLUMNS, **columns}.items() if column is not None}
    return msgspec.structs.replace(TABLE, columns=kept)


def test_alike() -> None:
    assert found() == ""
    assert found(other=changed(extra=Column("text", False))) == ""


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        (TABLE, changed(phone=None), "phone: нет у получателя"),
        (TABLE, changed(phone=Column("integer", False)), "phone: text ≠ integer"),
        (TABLE, changed(extra=Column("text", True)), "extra: обязателен у получателя"),
        (TABLE, msgspec.structs.replace(TABLE, partitions=TABLE.partitions[:1]), "mpi.patient_p01"),
        (TABLE, msgspec.structs.replace(TABLE, key=("id",)), "key of the target: (id)"),
        (msgspec.structs.replace(TABLE, key=()), TABLE, "key of the source: ()"),
        (msgspec.structs.replace(TABLE, identified=False), TABLE, "replica identity"),
    ],
)
def test_drift(own: Table, other: Table, words: str) -> None:
    assert words in found(own, other)


def test_a_column_that_is_not_carried() -> None:
    assert "phone: не передаётся" in found(carried=list(KEY))


def test_tables_that_are_not_there() -> None:
    assert "absent at the target" in drift({NAME: []}, {NAME: TABLE}, {})[0]
    assert "absent at the source" in drift({NAME: []}, {}, {NAME: TABLE})[0]


def test_a_region_upgraded_first_may_have_wider_types() -> None:
    assert found(other=changed(phone=Column("varchar", False), extra=Column("text", True)), strict=False) == ""


def test_a_region_upgraded_first_keeps_to_itself_what_its_site_lacks() -> None:
    assert found(own=changed(extra=Column("text", False)), carried=list(COLUMNS), strict=False) == ""
    assert "extra: нет у получателя" in found(own=changed(extra=Column("text", False)), strict=False)
    assert "phone: не передаётся" in found(carried=list(KEY), strict=False)
    assert drift({}, {NAME: TABLE}, {}, strict=False, coming=frozenset({NAME})) == ()
