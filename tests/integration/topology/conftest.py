"""A small region on real servers: reference, hub (registry and the one shard), a hospital with documents apart."""

import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.fix_servers import RunningPostgres, start_postgres

from trustmed.embedded import postgres
from trustmed.topology.apply import apply
from trustmed.topology.connect import connect_server
from trustmed.topology.file.load import parse
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import write_secret

TEXT = """
[region]
name = "Регион"
oid = "1.2.643.5.1.13.13.12.2.99"
listen = "127.0.0.1:8100"
{servers}
[[segment]]
name = "nsi"
server = "reference"
database = "reference"
[[segment]]
name = "mpi"
server = "reference"
database = "reference"
[[segment]]
name = "booking"
server = "reference"
database = "reference"
[[segment]]
name = "registry"
server = "hub"
database = "region"
[[shard]]
name = "record1"
server = "hub"
database = "region"
[[site]]
name = "hospital"
title = "Больница"
server = "hospital"
database = "clinic"
documents = {{ server = "hospital", database = "documents" }}
shard = "record1"
listen = "127.0.0.1:8110"
[[site.organization]]
id = 101
oid = "1.2.643.5.1.13.13.12.2.99.101"
title = "Больница"
ogrn = "1029900000016"
address = "ул. Больничная, д. 1"
phone = "+7 (000) 000-01-01"
"""
NAMES = ("reference", "hub", "hospital")
# Short waits: what a test breaks is to be noticed, and mended, soon.
QUICK = {"wal_retrieve_retry_interval": "200ms", "fsync": "off", "wal_receiver_timeout": "3s"}


class Region(msgspec.Struct):
    """Running servers and the topology that describes them."""

    path: Path
    topology: Topology
    servers: dict[str, RunningPostgres]
    opened: dict[tuple[str, str, str], psycopg.Connection]

    def at(self, server: str, database: str = "postgres", role: str = "administrator") -> psycopg.Connection:
        key = (server, database, role)
        if key not in self.opened or self.opened[key].closed:
            if key in self.opened:
                self.opened[key].close()
            where = self.topology.server_named(server)
            self.opened[key] = connect_server(self.topology, where, database, role, "test")
        return self.opened[key]

    def close(self) -> None:
        for connection in self.opened.values():
            connection.close()

    def clinic(self) -> psycopg.Connection:
        return self.at("hospital", "clinic")

    def documents(self) -> psycopg.Connection:
        return self.at("hospital", "documents")

    def reference(self) -> psycopg.Connection:
        return self.at("reference", "reference")

    def hub(self) -> psycopg.Connection:
        return self.at("hub", "region")


def _make_region(
    folder: Path, start: Callable[[str], RunningPostgres], form: str = TEXT, names: Sequence[str] = NAMES
) -> Region:
    servers = {name: start(name) for name in names}
    text = "".join(f'[[server]]\nname = "{name}"\nport = {one.server.port}\n' for name, one in servers.items())
    path = folder / "region.toml"
    path.write_text(form.format(servers=text))
    made = Region(path, parse(path.read_text(), path), servers, {})
    for name, one in servers.items():
        write_secret(made.topology, name, "postgres", one.password)
    return made


@pytest.fixture
def region(tmp_path: Path, make_postgres: Callable[..., RunningPostgres]) -> Iterator[Region]:
    """Empty servers: nothing is applied yet."""
    made = _make_region(tmp_path, lambda name: make_postgres(name, QUICK))
    yield made
    made.close()


@pytest.fixture(scope="package")
def working(servers_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """An applied region for all the tests of this folder: a test that breaks it must mend it."""
    with run_applied(servers_root, tmp_path_factory.mktemp("region")) as made:
        yield made


@contextmanager
def run_applied(servers_root: Path, folder: Path, form: str = TEXT, names: Sequence[str] = NAMES) -> Generator[Region]:
    """Apply a region on servers of its own and remove them at the end; `form` is its file without the servers."""

    def start(name: str) -> RunningPostgres:
        return start_postgres(servers_root, name, QUICK)

    made = _make_region(folder, start, form, names)
    apply(made.topology)
    yield made
    made.close()
    postgres.stop_all([one.handle for one in made.servers.values()], "immediate")
    for one in made.servers.values():
        shutil.rmtree(one.server.folder)
