"""A region of real servers, any program of which may be of either edition."""

import json
import subprocess
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests import citizens
from tests.upgrade.editions import Edition, environ
from trustmed.demo.laptop import Laptop, caches, postgres_servers, prepare
from trustmed.demo.region import wait_for_web
from trustmed.embedded import cluster, postgres
from trustmed.embedded.postgres import PostgresHandle, PostgresServer
from trustmed.embedded.process import Process
from trustmed.embedded.processes import Program, Service, Supervisor, program_service, valkey_service
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.secrets import ensure_secret

HERE = Path(__file__).parent
REGION = ("feed", "monitor", "region-web")
COMMANDS = {
    "feed": ("region", "feed"),
    "monitor": ("topology", "watch", "--every", "2"),
    "region-web": ("region", "serve"),
    "hospital-web": ("site", "serve", "hospital"),
    "central-web": ("site", "serve", "central"),
}


class Stand:
    """A running region. Whatever is asked of it is asked by command lines, by HTTP or in SQL."""

    def __init__(self, laptop: Laptop, supervisor: Supervisor) -> None:
        self.laptop, self.supervisor = laptop, supervisor
        self.topology = laptop.topology
        self.env = environ() | {"TRUSTMED_TOPOLOGY": str(laptop.file)}
        self.started: list[str] = []
        self.citizens_file = _add_citizens(laptop)

    def serve(self, edition: Edition, *names: str) -> None:
        """From now on these programs are of this edition."""
        for name in names:
            if name in self.started:
                self.supervisor.stop(name)
                self.started.remove(name)
        for name in names:
            argv = edition.argv(*COMMANDS[name])
            env = self.env | ({"TRUSTMED_TOPOLOGY": str(self.citizens_file)} if edition.knows_citizens else {})
            program = Program(name, argv, self.laptop.log(name), self.laptop.folder, env)
            self.supervisor.start(program_service(program))
            self.started.append(name)
        if set(self.started) == set(COMMANDS):
            wait_for_web(self.laptop)

    def run(self, edition: Edition, *words: str, exit_code: int = 0) -> str:
        """What a command prints; it must end with this code."""
        return self.run_python(edition, "-m", "trustmed.cli", *words, exit_code=exit_code)

    def run_python(self, edition: Edition, *words: str, exit_code: int = 0) -> str:
        command = (str(edition.python), *words)
        done = subprocess.run(command, capture_output=True, text=True, env=self.env, cwd=self.laptop.folder)
        said = f"exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert done.returncode == exit_code, f"{edition.name} {' '.join(words)}: {said}"
        return done.stdout + done.stderr

    def sql(self, place: Place, statement: str, site: str | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement at the region, or at a site, by its administrator."""
        database = self.topology.database_of(place, self.topology.site_named(site) if site else None)
        with connect(self.topology, database, "administrator", "test") as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def require_calm(self) -> None:
        """No program has died, and none has met an error it did not expect."""
        for name in self.started:
            log = self.laptop.log(name).read_text("utf-8", "replace")
            assert self.supervisor.running(name), f"{name} has ended: {log[-2000:]}"
            trouble = log.find("Traceback")
            assert trouble < 0, f"{name}: {log[max(0, trouble - 1000) : trouble + 3000]}"


@contextmanager
def standing(folder: Path) -> Generator[Stand]:
    """The region's servers, empty, for as long as the block runs."""
    laptop = prepare(folder, file=HERE / "region.toml", fresh_ports=True)
    servers = [
        msgspec.structs.replace(server, memory="medium", settings={"fsync": "off"})
        for server in postgres_servers(laptop)
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda server: _initialise(laptop, server), servers))
    with Supervisor() as supervisor:
        for server in servers:
            supervisor.start(_service(server))
        for cache, password in caches(laptop):
            supervisor.start(valkey_service(cache, password))
        for server in servers:
            postgres.wait_ready(PostgresHandle(server, supervisor.process_of(server.name)))
        yield Stand(laptop, supervisor)


def _add_citizens(laptop: Laptop) -> Path:
    """Write the topology once more, with the provider of citizens' tokens: a table that released programs refuse."""
    told = citizens.set_up(laptop.folder)
    names = {"issuer": told.issuer, "keys": told.keys, "levels": list(told.levels)}
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in names.items())
    table = f"[region.citizens]\n{lines}\n\n[[server]]"
    file = laptop.file.with_name("region-citizens.toml")
    file.write_text(laptop.file.read_text("utf-8").replace("[[server]]", table, 1), "utf-8")
    return file


def _service(server: PostgresServer) -> Service:
    """Nobody wants the data afterwards: the server is not asked to put it in order."""

    def stop(running: Process) -> None:
        postgres.stop(PostgresHandle(server, running), "immediate")

    return Service(server.name, lambda: postgres.launch(server).process, stop)


def _initialise(laptop: Laptop, server: PostgresServer) -> None:
    cluster.initialise(server, ensure_secret(laptop.topology, server.name, "postgres"))
