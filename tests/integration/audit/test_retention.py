"""What is past keeping goes as a whole, only if it is sealed, and leaves a chain that still holds."""

from contextlib import nullcontext
from datetime import UTC, datetime

import psycopg
import pytest

from tests.integration.audit.conftest import Trail
from trustmed.audit.checking import Verdict, check_trail
from trustmed.audit.seals import Finding
from trustmed.audit.trails import Part, Report, TrailUnsound, check_may_go, months_ago, parts_before

OLD = "access_2020_05"
AGED = (
    "create table audit.access_2020_05 (like audit.access including defaults including constraints)",
    "set session_replication_role = replica",  # a row that changes its part would be told of once more
    "update audit.access set at = '2020-05-05' where id = any(%(ids)s)",
    "with m as (delete from audit.access_rest returning *) insert into audit.access_2020_05 select * from m",
    "reset session_replication_role",
    "alter table audit.access_2020_05 owner to trustmed_owner",
    "alter table audit.access attach partition audit.access_2020_05 for values from ('2020-05-01') to ('2020-06-01')",
)


def drop(trail: Trail, part: str = OLD) -> int:
    row = trail.connection.execute("select audit.drop_part(%s, 'root')", (part,)).fetchone()
    return row[0] if row else 0


@pytest.fixture
def old(trail: Trail) -> Trail:
    """A trail of which the first seven rows are of a month long ago: one seal is there whole, another in part."""
    for statement in AGED:
        trail.connection.execute(statement.encode(), {"ids": trail.ids[:7]} if "%(ids)s" in statement else None)
    return trail


def test_a_month_past_keeping_goes_and_the_chain_still_holds(old: Trail) -> None:
    old.seal()
    assert [part.name for part in parts_before(old.connection, months_ago(60))] == [OLD]
    assert drop(old) == 7
    verdict = check_trail(old.connection)
    assert verdict.is_sound
    assert (verdict.rows, verdict.dropped_rows) == (5, 7)
    old.connection.execute("delete from audit.access where id = %s", (old.ids[8],))
    assert [one.kind for one in check_trail(old.connection).findings] == ["missing"] * 3


def test_rows_without_a_seal_and_recent_months_are_not_dropped(old: Trail) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no seal"):
        drop(old)
    old.seal()
    row = old.connection.execute("select name from audit.parts() where until_at > now() order by until_at").fetchone()
    assert row
    for part, error in ((row[0], "a year"), ("seal", "no such part"), ("access_rest", "no such part")):
        with pytest.raises(psycopg.Error, match=error):
            drop(old, part)


@pytest.mark.parametrize(
    ("verdict", "is_sealed", "error"),
    [
        (None, True, "does not match"),
        (Verdict(findings=[Finding("missing", 1)], anchored_through=9), True, "does not match"),
        (Verdict(anchored_through=9), False, "no seal has"),
        (Verdict(anchored_through=6), True, "not with the other side"),
        (Verdict(), True, "not with the other side"),
        (Verdict(anchored_through=7), True, None),
    ],
)
def test_only_what_is_sound_sealed_and_known_to_the_other_side_may_go(
    verdict: Verdict | None, is_sealed: bool, error: str | None
) -> None:
    report = Report("site", verdict)
    part = Part(OLD, None, datetime(2020, 6, 1, tzinfo=UTC), 7, is_sealed)
    with pytest.raises(TrailUnsound, match=error) if error else nullcontext():
        check_may_go(report, part)
