"""The folder of a region on one machine, and the services it consists of.

The topology file in the folder is an ordinary one: every program reads it as it would in production.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import msgspec

from trustmed.embedded import postgres, valkey
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.postgres import PostgresHandle
from trustmed.embedded.processes import Program, Service, postgres_service, program_service, valkey_service
from trustmed.embedded.unprivileged import account, data_root, place
from trustmed.embedded.valkey import ValkeyServer
from trustmed.errors import InputRefused
from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Site, Topology
from trustmed.topology.secrets import ensure_secret

DEMO_FILE = Path(__file__).parents[3] / "topologies" / "demo.toml"
DEMO_PORT = re.compile(r"\b81\d\d\b")


class NotOurs(InputRefused):
    """The folder is not empty and is not a demo's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Папка {folder} не пуста, и регион там не разворачивали: назовите пустую или новую.",
            f"Folder {folder} is not empty and no region was ever laid out in it: name an empty or a new one.",
        )


class Laptop(msgspec.Struct, frozen=True):
    """A region on one machine. `servers` is the folder of the databases, which for root is not inside `folder`."""

    folder: Path
    servers: Path
    topology: Topology

    @property
    def file(self) -> Path:
        return self.folder / "region.toml"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def cut_file(self, site: str) -> Path:
        """While it exists, the line between the site and the region is cut."""
        return self.folder / "cut" / site


def prepare(folder: Path, *, file: Path = DEMO_FILE, fresh_ports: bool = False) -> Laptop:
    """Lay the folder out and write its topology file; `fresh_ports` moves every 81xx port to one that is free now."""
    folder = folder.absolute()
    if not folder.exists():
        erase(folder)  # somebody deleted the folder, and the databases' passwords with it
    for part in ("logs", "cut", "secrets"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    text = file.read_text("utf-8")
    if fresh_ports:
        known = sorted(set(DEMO_PORT.findall(text)))
        moved = dict(zip(known, map(str, free_ports(len(known))), strict=True))
        text = DEMO_PORT.sub(lambda found: moved[found[0]], text)
    target = folder / "region.toml"
    beside = target.with_suffix(".new")
    beside.write_text(text, "utf-8")
    beside.replace(target)
    return Laptop(folder, data_root(folder / "servers"), load(target))


def servers_folder(folder: Path) -> Path:
    """Return the folder of the databases of a demo in `folder`."""
    return place((folder / "servers").absolute(), account())


def stop_left_over(folder: Path) -> None:
    """Stop the servers that a killed demo left running on this folder's data."""
    for left in servers_folder(folder).glob("postgres/*"):
        server = PostgresServer(left.name, left, 0)
        if found := postgres.find(server):
            postgres.stop(PostgresHandle(server, found))


def erase(folder: Path) -> None:
    """Stop what still runs on the folder's data, and remove the data. Raises NotOurs if the folder is not a demo's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "region.toml").exists():
        raise NotOurs(folder)
    stop_left_over(folder)
    for part in (servers_folder(folder), folder):
        if part.exists():
            shutil.rmtree(part)


def postgres_servers(laptop: Laptop) -> tuple[PostgresServer, ...]:
    """Return a PostgreSQL server for each server of the topology."""
    return tuple(
        PostgresServer(server.name, laptop.servers / "postgres" / server.name, server.port)
        for server in laptop.topology.server
    )


def caches(laptop: Laptop) -> tuple[tuple[ValkeyServer, str], ...]:
    """Return the topology's hot stores, each with its password; none if this machine has no program for them."""
    if isinstance(valkey.program(), valkey.Absent):
        return ()
    topology = laptop.topology
    wanted = {"region": topology.region.cache} | {site.name: site.cache for site in topology.site}
    return tuple(
        (
            ValkeyServer(f"cache-{owner}", laptop.servers / "valkey" / owner, int(address.rsplit(":", 1)[1])),
            ensure_secret(topology, owner, "redis"),
        )
        for owner, address in wanted.items()
        if address
    )


def lines(laptop: Laptop) -> tuple[Service, ...]:
    """Return the relays between clinics and the region: one for each address of the topology that is a relay's."""
    topology = laptop.topology
    found = []
    for site in topology.site:
        server = topology.server_named(site.server)
        if server.address_from_region:
            target = f"{server.host}:{server.port}"
            found.append(_line_service(laptop, site, "up", server.address_from_region, target))
        if site.reference_address:
            reference = topology.server_named(next(s.server for s in topology.segment if s.name == "mpi"))
            target = f"{reference.host}:{reference.port}"
            found.append(_line_service(laptop, site, "down", site.reference_address, target))
        if site.region_web:
            found.append(_line_service(laptop, site, "web", site.region_web, topology.region.listen))
    return tuple(found)


def database_services(laptop: Laptop) -> tuple[Service, ...]:
    """Return the services that must run before the topology is applied."""
    return (
        *(postgres_service(server) for server in postgres_servers(laptop)),
        *(valkey_service(server, password) for server, password in caches(laptop)),
        *lines(laptop),
    )


def program_services(laptop: Laptop) -> tuple[Service, ...]:
    """Return the programs of the region and of the sites."""
    return (
        _program_service(laptop, "feed", "region", "feed"),
        _program_service(laptop, "monitor", "topology", "watch"),
        _program_service(laptop, "region-web", "region", "serve"),
        *([_program_service(laptop, "citizens-web", "demo", "citizens")] if laptop.topology.region.citizens else []),
        *(_program_service(laptop, f"{site.name}-web", "site", "serve", site.name) for site in laptop.topology.site),
    )


def _program_service(laptop: Laptop, name: str, *command: str) -> Service:
    env = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    env["TRUSTMED_TOPOLOGY"] = str(laptop.file)
    argv = (sys.executable, "-m", "trustmed.cli", *command)
    return program_service(Program(name, argv, laptop.log(name), laptop.folder, env))


def _line_service(laptop: Laptop, site: Site, direction: str, listen: str, target: str) -> Service:
    name = f"line-{site.name}-{direction}"
    argv = (sys.executable, "-m", "trustmed.demo.line", listen, target, str(laptop.cut_file(site.name)))
    return program_service(Program(name, argv, laptop.log(name), laptop.folder, dict(os.environ)))
