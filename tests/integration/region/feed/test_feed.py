"""The feed against a real server: linking, restarts, other readers, origins, what breaks."""

import time
from collections.abc import Sequence

import psycopg
import pytest
from psycopg import sql

from tests.integration.region.feed.conftest import (
    FeedStand,
    drop_slot,
    make_publication,
    make_slot,
    register_patients,
    value,
)
from tests.waiting import eventually
from trustmed.errors import Unavailable
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.programs.feed import EFFECTS
from trustmed.schema import Place
from trustmed.wal.values import ValueNotSent

LINKED = "select count(*) from mpi.patient_link"


def count_unlinked(connection: psycopg.Connection) -> object:
    query = "select count(*) from mpi.patient p left join mpi.patient_link l"
    return value(
        connection, f"{query} on (l.organization_id, l.patient_id) = (p.organization_id, p.id) where l is null"
    )


class Recorder:
    """An effect that records the keys of patients and fails where a test tells it to."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.rebuilt = 0
        self.poison: set[str] = set()
        self.error: Exception = ValueError("cannot digest this")
        self.away = False
        self.vouched = 0
        self.effect = Effect("seen", Place.MPI, frozenset({"mpi.patient"}), self.apply, self.rebuild, self.caught_up)

    def apply(self, _: Surroundings, changes: Sequence[Change]) -> None:
        if self.away:
            raise Unavailable("нет связи", "no connection")
        for change in changes:
            assert change.new is not None
            if str(change.new["surname"]) in self.poison:
                raise self.error
        self.ids += [change.key[1] for change in changes]

    def rebuild(self, _: Surroundings) -> None:
        self.rebuilt += 1

    def caught_up(self, _: Surroundings) -> None:
        self.vouched += 1

    def is_silent(self, seconds: float = 3.0) -> bool:
        """Return whether the feed stopped telling it that it is up to date; one call may still be on its way."""
        before = self.vouched
        time.sleep(seconds)
        return self.vouched <= before + 1

    def wait_until_told(self) -> None:
        """Wait until the feed tells it twice more that it is up to date."""
        before = self.vouched
        eventually(lambda: self.vouched > before + 1)


def test_patients_before_and_after_the_start_are_linked_once(stand: FeedStand) -> None:
    with stand.connect() as connection:
        register_patients(connection, 1, 20)
        with stand.feeding():
            register_patients(connection, 2, 30)
            eventually(lambda: count_unlinked(connection) == 0)
            connection.execute("update mpi.patient set phone = '1'")
            changes = "select changes from feed.position where consumer = 'link_patients'"
            eventually(lambda: value(connection, changes) == 100)
        assert value(connection, LINKED) == 50
        assert value(connection, "select count(distinct person_id) from mpi.patient_link") == 30
        assert value(connection, "select count(*) from mpi.person") == 30
        assert value(connection, "select count(*) from feed.position where last_error is not null") == 0


def test_a_restart_neither_repeats_nor_skips_a_change(stand: FeedStand) -> None:
    seen = Recorder()
    with stand.connect() as connection:
        ids = []
        for _ in range(4):
            with stand.feeding((seen.effect,)):
                ids += register_patients(connection, 1, 25)
            ids += register_patients(connection, 1, 5)
        with stand.feeding((seen.effect,)):
            eventually(lambda: len(seen.ids) >= len(ids))
        assert seen.ids == [str(one) for one in ids]
        assert seen.rebuilt == 1


def test_changes_of_replicated_rows_are_seen(stand: FeedStand) -> None:
    seen = Recorder()
    with stand.connect() as connection, stand.feeding((seen.effect,)):
        eventually(lambda: seen.rebuilt == 1)
        name = value(connection, "select 'from_' || current_database()")
        connection.execute("select pg_replication_origin_create(%s)", (name,))
        connection.execute("select pg_replication_origin_session_setup(%s)", (name,))
        ids = register_patients(connection, 1, 3)
        connection.execute("select pg_replication_origin_session_reset()")
        connection.execute("select pg_replication_origin_drop(%s)", (name,))
        eventually(lambda: seen.ids == [str(one) for one in ids])


def test_a_large_transaction_comes_in_pieces(stand: FeedStand) -> None:
    seen = Recorder()
    with stand.connect() as connection, stand.feeding((seen.effect,)):
        with connection.transaction():
            connection.execute("set local synchronous_commit = on")
            ids = register_patients(connection, 1, 1700)
        eventually(lambda: len(seen.ids) == len(ids))
        assert seen.ids == [str(one) for one in ids]


def test_a_failing_change_is_parked_with_later_changes_of_its_row_and_retried(stand: FeedStand) -> None:
    seen = Recorder()
    seen.poison = {"Ядов"}
    with stand.connect() as connection, stand.feeding((seen.effect,)):
        bad, good = register_patients(connection, 1, 2)
        eventually(lambda: len(seen.ids) == 2)
        connection.execute("update mpi.patient set surname = 'Ядов' where id = %s", (bad,))
        connection.execute("update mpi.patient set surname = 'Добров' where id = %s", (good,))
        eventually(lambda: seen.ids[2:] == [str(good)])
        connection.execute("update mpi.patient set surname = 'Здоров' where id = %s", (bad,))
        eventually(lambda: value(connection, "select count(*) from feed.parked") == 2)
        attempts = [row[0] for row in connection.execute("select attempts from feed.parked order by id")]
        assert attempts == [1, 0], "the second was not tried: it waits behind"
        error = str(value(connection, "select error from feed.parked order by id limit 1"))
        assert error.startswith("ValueError (")
        assert "cannot digest" not in error, "words of an error may quote a row"
        seen.poison.clear()
        connection.execute("update feed.parked set next_try_at = now()")
        eventually(lambda: value(connection, "select count(*) from feed.parked") == 0)
        assert seen.ids[3:] == [str(bad), str(bad)]
        connection.execute("update mpi.patient set phone = '1' where id = %s", (bad,))
        eventually(lambda: len(seen.ids) == 6)


@pytest.mark.parametrize(
    "error", [ValueNotSent("нет значения", "no value"), psycopg.errors.ProgramLimitExceeded("index row size")]
)
def test_an_error_of_one_row_does_not_stop_other_rows(stand: FeedStand, error: Exception) -> None:
    seen = Recorder()
    seen.error, seen.poison = error, {"Ядов"}
    with stand.connect() as connection, stand.feeding((seen.effect,)):
        bad, good = register_patients(connection, 1, 2)
        eventually(lambda: len(seen.ids) == 2)
        connection.execute("update mpi.patient set surname = 'Ядов' where id = %s", (bad,))
        connection.execute("update mpi.patient set surname = 'Добров' where id = %s", (good,))
        eventually(lambda: seen.ids[2:] == [str(good)])
        # The parked row commits with the batch, a moment after the effect saw the other row.
        eventually(lambda: value(connection, "select count(*) from feed.parked") == 1)
        assert seen.ids[2:] == [str(good)]


def test_an_unavailable_effect_does_not_hold_up_the_others(stand: FeedStand) -> None:
    seen = Recorder()
    with stand.connect() as connection, stand.feeding((seen.effect, EFFECTS[0])):
        register_patients(connection, 1, 2)
        eventually(lambda: len(seen.ids) == 2)
        seen.away = True
        register_patients(connection, 2, 10)
        eventually(lambda: count_unlinked(connection) == 0)
        assert "нет связи" in str(value(connection, "select last_error from feed.position where consumer = 'seen'"))
        assert value(connection, "select count(*) from feed.parked") == 0
        kept = "select lsn >= confirmed_flush_lsn from feed.position, pg_replication_slots where consumer = 'seen'"
        assert value(connection, kept)
        seen.away = False
        eventually(lambda: len(set(seen.ids)) == 12)
        eventually(lambda: value(connection, "select count(*) from feed.position where last_error is not null") == 0)
        assert value(connection, LINKED) == 12


def test_a_recreated_slot_is_noticed_and_missed_changes_are_caught_up(stand: FeedStand) -> None:
    with stand.connect() as connection:
        with stand.feeding():
            register_patients(connection, 1, 2)
            eventually(lambda: count_unlinked(connection) == 0)
        drop_slot(connection)
        with stand.feeding():
            eventually(lambda: "topology apply" in str(value(connection, "select max(last_error) from feed.position")))
            register_patients(connection, 2, 5)
            make_slot(connection)
            eventually(lambda: count_unlinked(connection) == 0)
            eventually(lambda: value(connection, "select max(last_error) from feed.position") is None)


def test_a_dropped_publication_is_reported_and_loses_no_changes(stand: FeedStand) -> None:
    with stand.connect() as connection, stand.feeding():
        register_patients(connection, 1, 2)
        eventually(lambda: count_unlinked(connection) == 0)
        connection.execute("drop publication feed")
        register_patients(connection, 2, 5)
        eventually(lambda: "topology apply" in str(value(connection, "select max(last_error) from feed.position")))
        assert count_unlinked(connection) == 5
        make_publication(connection)
        eventually(lambda: count_unlinked(connection) == 0)


def test_an_effect_that_may_have_missed_a_change_is_not_told_it_is_up_to_date(
    stand: FeedStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Recorder()
    with stand.connect() as connection, stand.feeding((seen.effect,)):
        eventually(lambda: seen.vouched > 2)
        seen.poison = {"Ядов"}
        connection.execute("update mpi.patient set surname = 'Ядов' where id = %s", register_patients(connection, 1, 1))
        eventually(lambda: value(connection, "select count(*) from feed.parked") == 1)
        assert seen.is_silent(), "a change is set aside"
        seen.poison.clear()
        connection.execute("update feed.parked set next_try_at = now()")
        eventually(lambda: value(connection, "select count(*) from feed.parked") == 0)
        seen.wait_until_told()
        monkeypatch.setattr("trustmed.feed.session.FRESH_SECONDS", 0.0)
        assert seen.is_silent(), "each word comes too late to be true"
        monkeypatch.undo()
        seen.wait_until_told()
        connection.execute("drop publication feed")
        assert seen.is_silent(), "changes go by unseen"


def test_a_second_reader_waits_for_the_first(stand: FeedStand) -> None:
    first, second = Recorder(), Recorder()
    with stand.connect() as connection:
        with stand.feeding((first.effect,)):
            register_patients(connection, 1, 1)
            eventually(lambda: len(first.ids) == 1)
            with stand.feeding((second.effect,)):
                register_patients(connection, 1, 3)
                eventually(lambda: len(first.ids) == 4)
                assert second.ids == []
        with stand.feeding((second.effect,)):
            ids = register_patients(connection, 1, 2)
            eventually(lambda: second.ids == [str(one) for one in ids])
        assert (first.rebuilt, second.rebuilt) == (1, 0)


def test_the_link_follows_the_row_in_whatever_order_changes_come(stand: FeedStand) -> None:
    with stand.connect() as connection:
        ids = register_patients(connection, 1, 2)
        with stand.feeding((EFFECTS[0],)):
            eventually(lambda: count_unlinked(connection) == 0)
        query = sql.SQL("update mpi.patient set snils = {} where id = {}")
        snils = value(connection, "select snils from mpi.patient where id = %s", ids[1])
        connection.execute(query.format(sql.Literal(None), sql.Literal(ids[0])))
        connection.execute(query.format(sql.Literal(snils), sql.Literal(ids[0])))
        connection.execute("update mpi.patient set enp = null, given_name = 'Пётр', birth_date = '1980-01-01'")
        with stand.feeding((EFFECTS[0],)):
            eventually(lambda: value(connection, "select count(distinct person_id) from mpi.patient_link") == 1)
