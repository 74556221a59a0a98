import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.fix_servers import RunningPostgres

from trustmed.embedded import cluster, postgres, process, serverlog
from trustmed.embedded.cluster import BrokenData, PostgresServer, ServerFailed
from trustmed.embedded.ports import PortTaken, free_ports
from trustmed.embedded.unprivileged import SHARED, data_root

Make = Callable[..., RunningPostgres]


def ask(running: RunningPostgres, query: str) -> object:
    with psycopg.connect(running.conninfo(), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def write(running: RunningPostgres, query: str) -> None:
    with psycopg.connect(running.conninfo(), autocommit=True) as connection:
        connection.execute(query.encode())


def test_russian_words_have_trigrams(fresh_database: str):
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("create extension pg_trgm")
        (similarity,) = connection.execute("select similarity('Иванов', 'Иванова')").fetchone() or (0,)
    assert similarity > 0.5


def test_a_new_server_has_checksums_fsync_and_logical_replication_on(make_postgres: Make):
    names = ("data_checksums", "fsync", "wal_level", "track_commit_timestamp")
    running = make_postgres("settings")
    assert [ask(running, f"select current_setting('{name}')") for name in names] == ["on", "on", "logical", "on"]


def test_every_way_in_asks_for_a_password(make_postgres: Make):
    running = make_postgres("locked")
    for host in ("127.0.0.1", str(running.server.data)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"host={host} port={running.server.port} user=postgres dbname=postgres password=wrong")


def test_data_outlives_a_stop(make_postgres: Make):
    running = make_postgres("kept")
    write(running, "create table t as select 42 as n")
    running.stop()
    assert not running.running
    running.start()
    assert ask(running, "select n from t") == 42


def test_a_server_recovers_from_kill_9(make_postgres: Make):
    running = make_postgres("crashed")
    write(running, "create table t as select n from generate_series(1, 1000) n")
    running.kill9()
    assert process.working_in(running.server.data, "postgres") == []
    assert (running.server.data / "postmaster.pid").exists()
    running.start()
    assert ask(running, "select count(*) from t") == 1000


def test_a_server_recovers_when_only_its_postmaster_was_killed(make_postgres: Make):
    running = make_postgres("headless")
    with psycopg.connect(running.conninfo(), autocommit=True) as connection:
        connection.execute("create table t as select 1 as n")
        os.kill(running.handle.process.pid, 9)
        process.wait_gone([running.handle.process], 5.0)
        running.start()
    assert ask(running, "select n from t") == 1


def test_a_pid_file_that_names_another_program_does_not_prevent_a_start(make_postgres: Make):
    running = make_postgres("reused")
    running.kill9()
    path = running.server.data / "postmaster.pid"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    running.start()
    assert running.running


def test_a_server_left_running_is_taken_over(make_postgres: Make):
    running = make_postgres("adopted")
    again = postgres.start(running.server)
    assert (again.adopted, again.process) == (True, running.handle.process)


def test_a_server_left_running_with_other_settings_is_started_anew(make_postgres: Make):
    running = make_postgres("changed")
    changed = PostgresServer("changed", running.server.folder, running.server.port, settings={"work_mem": "5MB"})
    before, running.handle = running.handle, postgres.start(changed)
    assert running.handle.process != before.process
    assert ask(running, "show work_mem") == "5MB"


def test_initialising_a_folder_twice_keeps_the_first_cluster(make_postgres: Make):
    running = make_postgres("twice")
    assert cluster.initialise(running.server, "another password") is False
    assert ask(running, "select 1") == 1


def test_initialising_after_a_kill_half_way_starts_over(servers_root: Path):
    server = PostgresServer("half", servers_root / "half", free_ports(1)[0])
    (server.folder / "making-1" / "base").mkdir(parents=True)
    assert cluster.initialise(server, "secret") is True
    assert [path.name for path in server.folder.iterdir()] == ["data"]
    shutil.rmtree(server.folder)


def test_a_port_in_use_is_named(make_postgres: Make):
    running = make_postgres("portless")
    running.stop()
    with socket.socket() as rival:
        # As servers do: a connection that the stopped server closed holds its port for a minute.
        rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        rival.bind(("127.0.0.1", running.server.port))
        rival.listen()
        with pytest.raises(PortTaken, match=str(running.server.port)):
            running.start()


def test_a_damaged_folder_is_named(make_postgres: Make):
    running = make_postgres("damaged")
    running.stop()
    (running.server.data / "global" / "pg_control").unlink()
    with pytest.raises(BrokenData, match=str(running.server.data)):
        running.start()


def test_a_folder_of_another_version_is_named(make_postgres: Make):
    running = make_postgres("old")
    running.stop()
    (running.server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(BrokenData, match="PostgreSQL 15"):
        running.start()


def test_an_absent_folder_is_named(servers_root: Path):
    with pytest.raises(BrokenData, match="initialise it first"):
        postgres.start(PostgresServer("absent", servers_root / "absent", free_ports(1)[0]))


def test_a_failed_start_shows_the_servers_own_words_and_leaves_no_process(make_postgres: Make):
    running = make_postgres("wrong")
    running.stop()
    wrong = PostgresServer("wrong", running.server.folder, running.server.port, settings={"shared_buffers": "much"})
    with pytest.raises(ServerFailed, match="shared_buffers"):
        postgres.start(wrong)
    assert process.working_in(running.server.data, "postgres") == []


def test_the_json_log_reads_back_as_plain_messages(make_postgres: Make):
    running = make_postgres("logged")
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(running, "select * from missing_table")
    running.stop()
    assert 'relation "missing_table" does not exist' in serverlog.tail(running.server.log)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up root")
def test_under_root_a_server_runs_as_a_user_who_cannot_enter_the_checkout(tmp_path: Path):
    tmp_path.chmod(0o700)
    root = data_root(tmp_path / ".demo")
    server = PostgresServer("hospital", root / "hospital", free_ports(1)[0])
    cluster.initialise(server, "secret")
    handle = postgres.start(server)
    try:
        assert os.stat(f"/proc/{handle.process.pid}").st_uid != 0
        assert root.is_relative_to(SHARED)
        assert root.stat().st_mode & 0o777 == 0o700
    finally:
        postgres.stop(handle, "immediate")
        shutil.rmtree(root)
