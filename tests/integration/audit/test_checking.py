"""A sealed trail tells of every row that was changed, removed, added or moved, and names it."""

from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.integration.audit.conftest import Trail
from trustmed.audit.checking import check_trail
from trustmed.audit.seals import Anchor, Finding

CHANGES: tuple[LiteralString, ...] = (
    "actor = 'b'",
    "actor_name = 'Иванов'",
    "action = 'patient:card:change'",
    "ground = 'own'",
    "ground_detail = 'другая'",
    "patient_id = uuidv7()",
    "person_id = uuidv7()",
    "document_id = uuidv7()",
    "organization_id = 102",
    "outcome = 'refused'",
    "at = at + interval '1 microsecond'",
    "at = at - interval '1 second'",
    "shown = null",
    "shown = shown || shown",
)


def findings(trail: Trail, *anchors: Anchor) -> list[Finding]:
    return check_trail(trail.connection, anchors).findings


def head(trail: Trail) -> Anchor:
    row = trail.connection.execute("select number, token, hash from audit.head()").fetchone()
    assert row
    return Anchor(*row, at=datetime(2026, 11, 29, tzinfo=UTC))


def test_a_sound_trail_is_sound_and_names_its_unsealed_tail(trail: Trail) -> None:
    assert trail.seal() == 12
    trail.write(2)
    verdict = check_trail(trail.connection, [head(trail)])
    assert verdict.is_sound
    assert (verdict.rows, verdict.unsealed, verdict.anchored_through) == (12, 2, verdict.seals)
    assert verdict.seals == 3
    assert verdict.unsealed_since


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_named(trail: Trail, change: LiteralString) -> None:
    trail.seal()
    statement = sql.SQL("update audit.access set {} where id = %s").format(sql.SQL(change))
    trail.connection.execute(statement, (trail.ids[6],))
    assert [(one.kind, one.seal, one.id) for one in findings(trail)] == [("changed", 2, trail.ids[6])]


def test_a_missing_row_is_named(trail: Trail) -> None:
    trail.seal()
    trail.connection.execute("delete from audit.access where id = any(%s)", ([trail.ids[0], trail.ids[11]],))
    found = findings(trail)
    assert [(one.kind, one.seal, one.id) for one in found] == [
        ("missing", 1, trail.ids[0]),
        ("missing", 3, trail.ids[11]),
    ]
    assert all(one.at for one in found)


def test_a_row_added_among_sealed_ones_is_named(trail: Trail) -> None:
    trail.seal()
    trail.write()
    trail.connection.execute(
        "update audit.access set transaction = (select transaction from audit.access where id = %s) where id = %s",
        (trail.ids[3], trail.ids[12]),
    )
    assert [(one.kind, one.seal, one.id) for one in findings(trail)] == [("inserted", 1, trail.ids[12])]


def test_a_row_moved_to_another_seal_or_history_is_named(trail: Trail) -> None:
    trail.seal()
    trail.connection.execute(
        "update audit.access set transaction = (select transaction from audit.access where id = %s) where id = %s",
        (trail.ids[11], trail.ids[0]),
    )
    trail.connection.execute("update audit.access set history = 7 where id = %s", (trail.ids[6],))
    found = [(one.kind, one.seal, one.id) for one in findings(trail)]
    assert set(found) == {
        ("moved", 1, trail.ids[0]),
        ("moved", 2, trail.ids[6]),
        ("history_unknown", None, trail.ids[6]),
    }


@pytest.mark.parametrize(
    ("tamper", "kinds"),
    [
        ("update audit.seal set rows_sha256 = sha256('x') where number = 2", {"seal_changed"}),
        ("update audit.seal set marks = '' where number = 2", {"seal_changed"}),
        ("delete from audit.seal where number = 2", {"seal_missing"}),
        ("delete from audit.seal where number = 1", {"seal_missing"}),
    ],
)
def test_a_tampered_seal_is_named(trail: Trail, tamper: str, kinds: set[str]) -> None:
    trail.seal()
    trail.connection.execute(tamper.encode())
    found = findings(trail)
    assert kinds <= {one.kind for one in found}
    assert found[0].seal in (1, 2)


def test_a_chain_made_anew_is_sound_alone_and_does_not_fit_its_anchor(trail: Trail) -> None:
    trail.seal()
    before = head(trail)
    trail.connection.execute("delete from audit.access where id = %s", (trail.ids[11],))
    trail.connection.execute("delete from audit.seal")
    trail.seal()
    assert not findings(trail)
    assert [(one.kind, one.seal) for one in findings(trail, before)] == [("rewritten", 3)]
    trail.connection.execute("delete from audit.seal where number = 3")
    assert ("cut", 3) in [(one.kind, one.seal) for one in findings(trail, before)]


def test_another_cluster_begins_a_history_and_breaks_nothing(trail: Trail) -> None:
    """As after a dump that was restored: numbers of transactions begin anew and may repeat."""
    trail.seal()
    trail.write(2)
    trail.connection.execute("update audit.history set system_identifier = 1")
    trail.connection.execute("update audit.access set transaction = (transaction::text::bigint + 1000000)::text::xid8")
    trail.connection.execute("delete from audit.seal")
    trail.connection.execute("select audit.begin_history(1::smallint, '0')")
    trail.write(3)
    trail.seal()
    verdict = check_trail(trail.connection)
    assert verdict.is_sound
    assert (verdict.rows, verdict.unsealed) == (17, 0)
    tokens = trail.connection.execute("select count(distinct token) from audit.seal").fetchone()
    assert tokens == (2,)


def test_a_running_transaction_keeps_what_comes_after_it_unsealed(trail: Trail) -> None:
    with psycopg.connect(trail.connection.info.dsn, password=trail.connection.info.password) as other:
        other.execute("select pg_current_xact_id()")
        trail.write(3)
        trail.seal(1000)
        assert trail.connection.execute("select rows >= 3 from audit.unsealed()").fetchone() == (True,)
        other.rollback()
    trail.seal()
    assert check_trail(trail.connection).unsealed == 0


def test_nobody_who_serves_requests_alters_rows_or_seals(trail: Trail) -> None:
    rights = trail.connection.execute(
        "select r, t, p from unnest(array['trustmed_clinic', 'trustmed_region', 'trustmed_feed', 'trustmed_monitor',"
        " 'trustmed_keeper', 'trustmed_auditor', 'trustmed_link']) r,"
        " unnest(array['audit.access', 'audit.seal', 'audit.history', 'audit.dropped', 'audit.kept_anchor',"
        " 'audit.site_anchor', 'audit.region_anchor']) t, unnest(array['update', 'delete', 'truncate', 'trigger']) p"
        " where has_table_privilege(r, t, p)"
    ).fetchall()
    assert rights == []


def test_the_time_of_a_missing_row_is_read_from_its_id(trail: Trail) -> None:
    trail.seal()
    trail.connection.execute("delete from audit.access where id = %s", (trail.ids[4],))
    (found,) = findings(trail)
    assert found.at
    assert found.id == trail.ids[4]
    assert int(found.at.timestamp() * 1000) == UUID(str(trail.ids[4])).int >> 80
