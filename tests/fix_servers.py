"""Real servers for tests: one PostgreSQL for each test worker, more on demand, one Valkey."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import sql

from trustmed.embedded import cluster, postgres, valkey
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.postgres import PostgresHandle
from trustmed.embedded.settings import Settings
from trustmed.embedded.unprivileged import data_root


class RunningPostgres(msgspec.Struct):
    """A server that a test may stop, kill and start again, which replaces `handle`."""

    server: PostgresServer
    handle: PostgresHandle
    password: str

    def conninfo(self, dbname: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        return cluster.conninfo(self.server, user=user, password=password or self.password, dbname=dbname)

    def kill9(self) -> None:
        postgres.kill9(self.handle)

    def stop(self) -> None:
        postgres.stop(self.handle)

    def start(self) -> None:
        self.handle = postgres.start(self.server, tied=False)

    @property
    def running(self) -> bool:
        return postgres.is_running(self.handle)


class RunningValkey(msgspec.Struct, frozen=True):
    """The test's Valkey."""

    handle: valkey.ValkeyHandle
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.handle.server.port}/0"


@pytest.fixture(scope="session")
def servers_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the servers' user may enter even when tests run as root; removed at the end of the session."""
    root = data_root(tmp_path_factory.mktemp("servers"))
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def postgres_server(servers_root: Path) -> Iterator[RunningPostgres]:
    """One server for all the tests of a worker; its data need not outlive a power cut, so it does not sync."""
    running = start_postgres(servers_root, "shared", {"fsync": "off"})
    yield running
    postgres.stop(running.handle, "immediate")


@pytest.fixture
def fresh_database(postgres_server: RunningPostgres) -> Iterator[str]:
    """Connection string of the superuser to an empty database, dropped after the test."""
    name = sql.Identifier(f"test_{secrets.token_hex(6)}")
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template template0").format(name))
        yield postgres_server.conninfo(name.as_string().strip('"'))
        admin.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def make_postgres(servers_root: Path) -> Iterator[Callable[..., RunningPostgres]]:
    """Makes servers of a test's own: `make_postgres("hub")`, `make_postgres("site", {"wal_sender_timeout": "1s"})`."""
    made: list[RunningPostgres] = []

    def make(name: str, settings: Settings | None = None) -> RunningPostgres:
        made.append(start_postgres(servers_root, name, settings or {}))
        return made[-1]

    yield make
    postgres.stop_all([one.handle for one in made], "immediate")
    for one in made:
        shutil.rmtree(one.server.folder)


@pytest.fixture(scope="session", autouse=True)
def _patience_with_valkey() -> Iterator[None]:
    """A request waits 50 ms for Redis; on a busy machine an answer that tests count on may take longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trustmed.hot.redis.TIMEOUT_SECONDS", 2.0)
        patch.setattr("trustmed.hot.drops.TIMEOUT_SECONDS", 2.0)
        yield


@pytest.fixture(scope="session")
def valkey_server(servers_root: Path) -> Iterator[RunningValkey]:
    """One Valkey for all the tests of a worker; skipped where this machine has none."""
    password = secrets.token_urlsafe(12)
    started = valkey.start(valkey.ValkeyServer("cache", servers_root / "cache", free_ports(1)[0]), password)
    if isinstance(started, valkey.Absent):
        pytest.skip(str(started.reason))
    yield RunningValkey(started, password)
    valkey.stop(started)


def start_postgres(root: Path, name: str, settings: Settings) -> RunningPostgres:
    """Make a server of this name in a folder of its own and start it."""
    # A password is hashed once, not 4,096 times: proving it is half of what a connection costs.
    settings = {"scram_iterations": 1, **settings}
    server = PostgresServer(name, root / f"{name}-{secrets.token_hex(3)}", free_ports(1)[0], settings=settings)
    password = secrets.token_urlsafe(12)
    cluster.initialise(server, password)
    running = RunningPostgres(server, postgres.start(server), password)
    with psycopg.connect(running.conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("alter role postgres password {}").format(password))  # it was hashed by initdb
    return running
