"""Judging the state of a link from facts: no fault passes for health."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from trustmed.topology.file.load import load
from trustmed.topology.links import links
from trustmed.topology.watch.causes import CAUSES, cause_of_words
from trustmed.topology.watch.facts import Beat, LinkFacts, RecentDifference, ServerFacts, SlotFacts, SubscriptionFacts
from trustmed.topology.watch.judge import judge
from trustmed.topology.watch.serverlog import LogLine

LINK = next(
    link
    for link in links(load(Path(__file__).parents[3] / "topologies" / "demo.toml"))
    if link.name == "hospital_clinic_to_reference"
)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SLOT = f"{LINK.name}_1"


def beat(seq: int, token: int | None = None, seen: int | None = None) -> Beat:
    return Beat(seq, UUID(int=token or seq), NOW.timestamp() - 10 + seq, seq * 10, seen)


def facts(**changes: object) -> LinkFacts:
    """Return the facts of a healthy link with `changes` to the facts or to their parts, subscription and slot."""
    subscription = SubscriptionFacts(7, True, SLOT, True, 0, 0, 900, publications=(LINK.name,))
    slot = SlotFacts(True, "reserved", None, 950)
    subscription = msgspec.structs.replace(subscription, **changes.pop("subscription", {}))  # ty: ignore
    slot = msgspec.structs.replace(slot, **changes.pop("slot", {}))  # ty: ignore
    healthy = LinkFacts(
        source=ServerFacts(slots={SLOT: slot}, position=1000),
        target=ServerFacts(subscriptions={LINK.name: subscription}),
        table_states={"mpi.patient": "r", "replication.heartbeat": "r"},
        source_beats=(beat(1), beat(2), beat(3)),
        target_beats=(beat(1), beat(2), beat(3)),
        lag_ms=1.5,
    )
    return msgspec.structs.replace(healthy, **changes)


LONG = tuple(msgspec.structs.replace(beat(seq), at=NOW.timestamp() + seq * 5) for seq in range(1, 5))


def log(words: str, seconds_ago: float = 1, kind: str = "error") -> dict[str, object]:
    return {"log": (LogLine(seconds_ago, kind, words),)}  # ty: ignore


def test_a_healthy_link_is_streaming() -> None:
    state = judge(LINK, facts(), NOW)
    assert (state.state, state.cause, state.lag_ms, state.lag_bytes, state.lag_rows) == ("streaming", None, 1.5, 50, 0)


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        ("source_unreachable", {"source": ServerFacts(trouble="refused")}),
        ("target_unreachable", {"target": ServerFacts(trouble="timeout")}),
        ("monitor_refused", {"target": ServerFacts(trouble="no password", refused=True)}),
        ("subscription_missing", {"target": ServerFacts()}),
        ("repair_unfinished", {"subscription": {"finished": False, "interrupted": True}}),
        ("subscription_by_hand", {"subscription": {"finished": False}}),
        ("subscription_by_hand", {"subscription": {"publications": ("other",)}}),
        ("publication_altered", {"altered": ("mpi.patient",)}),
        ("pointed_elsewhere", {"lag_ms": None, "subscription": {"place": ("10.0.0.9", "1", "clinic")}}),
        ("not_connected", {"lag_ms": None, "slot": {"active": False}, "source_beats": LONG, "target_beats": LONG[:1]}),
        ("slot_missing", {"subscription": {"slot": "another"}}),
        ("slot_missing", {"subscription": {"slot": None}}),
        ("slot_lost", {"slot": {"wal_status": "lost"}}),
        ("slot_lost", {"slot": {"invalidation_reason": "wal_removed"}}),
        ("slot_by_hand", {"slot": {"failover": False}}),
        ("probe_failed", {"trouble": "permission denied"}),
        ("publication_missing", {"publication": False}),
        ("source_restored", {"target_beats": (beat(1), beat(2), beat(3, token=99))}),
        ("source_restored", {"subscription": {"applied": 2000}}),
        ("schema_site_newer", {"newer": ("mpi.patient/0002_x",)}),
        ("schema_drift", {"drift": ("mpi.patient.phone",)}),
        ("tables_missing", {"missing_tables": ("mpi.patient",)}),
        ("disabled_by_hand", {"subscription": {"enabled": False}}),
        ("error", {"subscription": {"enabled": False, "errors": 1}}),
        ("hole", {"subscription": {"missing": 1}}),
        ("hole", {"target_beats": (beat(1), beat(3))}),
        ("hole", {"source_beats": (beat(1, seen=940), beat(2), beat(3))}),
        ("hole", {"lag_ms": None, "beat_skipped": True}),
        ("hole", {"loss": ("hole", "heartbeat 7..9")}),
        ("source_restored", {"loss": ("source_restored", "heartbeat 7..9")}),
        (
            "hole",
            {"subscription": log("logical replication completed skipping transaction at LSN 0/1", kind="skipped")},
        ),
        ("hole", {"different": (RecentDifference("mpi.patient", 3, 2),)}),
        ("copying", {"table_states": {"mpi.patient": "d"}, "lag_ms": None}),
        ("catching_up", {"lag_ms": None, "target_beats": (beat(1),)}),
        ("wal_running_out", {"lag_ms": None, "slot": {"wal_status": "unreserved"}}),
        ("wrong_password", {"lag_ms": None, "subscription": log("password authentication failed for user")}),
        ("constraint_violation", {"lag_ms": None, "subscription": log('duplicate key value violates "x"')}),
        ("link_refused", {"lag_ms": None, "subscription": log('role "trustmed_link" is not permitted to log in')}),
        ("no_connection", {"lag_ms": None, "subscription": log("could not receive data from WAL stream: closed")}),
    ],
)
def test_every_fault_gives_its_cause_and_an_action(cause: str, changes: dict[str, object]) -> None:
    state = judge(LINK, facts(**changes), NOW)
    assert state.cause == cause
    assert state.state == CAUSES[cause].state
    assert state.error_ru
    assert state.action_en
    assert "{" not in f"{state.error_ru}{state.error_en}{state.action_ru}{state.action_en}"


def test_an_error_that_was_overcome_is_not_shown() -> None:
    old = log("password authentication failed", seconds_ago=600)
    assert judge(LINK, facts(subscription=old), NOW).state == "streaming"
    assert judge(LINK, facts(subscription=old, lag_ms=None), NOW).cause == "catching_up"


def test_beats_pruned_at_the_source_do_not_count_as_foreign() -> None:
    assert judge(LINK, facts(source_beats=(beat(2), beat(3))), NOW).state == "streaming"


def test_a_link_that_is_behind_has_a_lag() -> None:
    state = judge(LINK, facts(lag_ms=None, target_beats=(beat(1),)), NOW)
    assert (state.lag_ms, state.lag_rows) == (2000, 20)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ('replication slot "a_1" does not exist', "slot_missing"),
        ('publication "a" does not exist', "publication_missing"),
        ('logical replication target relation "mpi.patient" is missing replicated column: "phone"', "schema_drift"),
        ('no partition of relation "patient" found for row', "schema_drift"),
        ("something nobody foresaw", "error"),
    ],
)
def test_words_of_the_log_give_the_cause(words: str, cause: str) -> None:
    assert cause_of_words(words) == cause
