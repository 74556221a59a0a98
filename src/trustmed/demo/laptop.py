"""Where a region of one machine lives and which services it is made of.

The topology file in the demo's folder is the ordinary one: every program reads it as it would in production.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import msgspec

from trustmed.embedded import postgres, valkey
from trustmed.embedded.ports import free_ports
from trustmed.embedded.postgres import PostgresHandle, PostgresServer
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
    """A folder that no region was ever laid out in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Папка {folder} не пуста, и регион там не разворачивали: назовите пустую или новую.",
            f"Folder {folder} is not empty and no region was ever laid out in it: name an empty or a new one.",
        )


class Laptop(msgspec.Struct, frozen=True):
    """A region of one machine. `servers` is where databases stand (elsewhere than `folder` under root)."""

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
        erase(folder)  # databases of a folder that somebody deleted: the passwords are gone with it
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
    """Where the databases of a demo in `folder` stand."""
    return place((folder / "servers").absolute(), account())


def stop_left_over(folder: Path) -> None:
    """Stop servers that a demo killed outright left running on this folder's data."""
    for left in servers_folder(folder).glob("postgres/*"):
        server = PostgresServer(left.name, left, 0)
        if found := postgres.find(server):
            postgres.stop(PostgresHandle(server, found))


def erase(folder: Path) -> None:
    """Stop what is left running on the folder's data and remove it all. Raises NotOurs for a folder of another kind."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "region.toml").exists():
        raise NotOurs(folder)
    stop_left_over(folder)
    for part in (servers_folder(folder), folder):
        if part.exists():
            shutil.rmtree(part)


def postgres_servers(laptop: Laptop) -> tuple[PostgresServer, ...]:
    """One PostgreSQL server for each of the file."""
    return tuple(
        PostgresServer(server.name, laptop.servers / "postgres" / server.name, server.port)
        for server in laptop.topology.server
    )


def caches(laptop: Laptop) -> tuple[tuple[ValkeyServer, str], ...]:
    """The hot stores the file names, each with its password; none where this machine has no server for them."""
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
    """The clinics' lines to the region, wherever the file says that the other end is reached elsewhere."""
    topology = laptop.topology
    found = []
    for site in topology.site:
        server = topology.server_named(site.server)
        if server.address_from_region:
            target = f"{server.host}:{server.port}"
            found.append(_line(laptop, site, "up", server.address_from_region, target))
        if site.reference_address:
            reference = topology.server_named(next(s.server for s in topology.segment if s.name == "mpi"))
            target = f"{reference.host}:{reference.port}"
            found.append(_line(laptop, site, "down", site.reference_address, target))
        if site.region_web:
            found.append(_line(laptop, site, "web", site.region_web, topology.region.listen))
    return tuple(found)


def database_services(laptop: Laptop) -> tuple[Service, ...]:
    """What must stand before the topology is applied."""
    return (
        *(postgres_service(server) for server in postgres_servers(laptop)),
        *(valkey_service(server, password) for server, password in caches(laptop)),
        *lines(laptop),
    )


def program_services(laptop: Laptop) -> tuple[Service, ...]:
    """The region's and the sites' programs."""
    return (
        _program(laptop, "feed", "region", "feed"),
        _program(laptop, "monitor", "topology", "watch"),
        _program(laptop, "region-web", "region", "serve"),
        *(_program(laptop, f"{site.name}-web", "site", "serve", site.name) for site in laptop.topology.site),
    )


def _program(laptop: Laptop, name: str, *command: str) -> Service:
    env = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    env["TRUSTMED_TOPOLOGY"] = str(laptop.file)
    argv = (sys.executable, "-m", "trustmed.cli", *command)
    return program_service(Program(name, argv, laptop.log(name), laptop.folder, env))


def _line(laptop: Laptop, site: Site, direction: str, listen: str, target: str) -> Service:
    name = f"line-{site.name}-{direction}"
    argv = (sys.executable, "-m", "trustmed.demo.line", listen, target, str(laptop.cut_file(site.name)))
    return program_service(Program(name, argv, laptop.log(name), laptop.folder, dict(os.environ)))
