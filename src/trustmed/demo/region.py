"""Bring a laptop region up, step by step, and keep it up while a block runs."""

import http.client
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from trustmed.demo.citizens.keys import CLIENT_ID, PORTAL, ensure_key
from trustmed.demo.citizens.program import listen_address
from trustmed.demo.content.certificates import enrol_sites
from trustmed.demo.content.reference import load_dictionaries
from trustmed.demo.content.seed import seed
from trustmed.demo.laptop import Laptop, database_services, postgres_servers, program_services
from trustmed.embedded import cluster, postgres, valkey
from trustmed.embedded.processes import Happening, Supervisor
from trustmed.errors import Broken
from trustmed.programs.keeping import keep_region
from trustmed.region.accounts.service import bind_portal
from trustmed.topology.apply import apply
from trustmed.topology.secrets import ensure_secret

Progress = Callable[[str, str], None]
HEALTH_SECONDS = 60
LOG_TAIL = 1500  # characters


class NotHealthy(Broken):
    """A program of the region did not come up."""


@contextmanager
def running(
    laptop: Laptop,
    progress: Progress,
    report: Callable[[Happening], None] = lambda happening: None,
    detail: Callable[[str], None] = lambda line: None,
    dictionaries: Path | None = None,
) -> Generator[Supervisor]:
    """Keep the whole region up and seeded while the block runs. Call it in the main thread.

    `progress` gets a line in Russian and in English as each part begins; `detail` gets one for every step of the
    topology and every file of `dictionaries`, a folder of real dictionaries to import beside the built-in ones.
    """
    topology = laptop.topology
    with Supervisor(report) as supervisor:
        progress("Серверы баз данных", "Database servers")
        _initialise(laptop)
        for service in database_services(laptop):
            supervisor.start(service)
        wait_for_databases(laptop, supervisor)
        progress("Топология: базы, схема, связи", "Topology: databases, schema, links")
        apply(topology, on_step=lambda step, number, total: detail(f"{number}/{total} {step.title('ru')}"))
        progress("Начальные данные", "First data")
        seed(topology)
        portal_key = ensure_key(topology, PORTAL).thumbprint()
        keep_region(topology, lambda office: bind_portal(office, "portal", CLIENT_ID, portal_key))
        enrol_sites(topology)
        load_dictionaries(topology, dictionaries, progress, detail)
        progress("Программы региона и площадок", "Programs of the region and of the sites")
        for service in program_services(laptop):
            supervisor.start(service)
        wait_for_web(laptop)
        yield supervisor


def _initialise(laptop: Laptop) -> None:
    """Create the missing clusters, several at once."""
    missing = [(s, ensure_secret(laptop.topology, s.name, "postgres")) for s in postgres_servers(laptop)]
    with ThreadPoolExecutor() as pool:
        for creation in [pool.submit(cluster.initialise, *one) for one in missing]:
            creation.result()


def wait_for_databases(laptop: Laptop, supervisor: Supervisor) -> None:
    """Wait until every server takes connections, after crash recovery if need be. Raises ServerFailed."""
    for server in postgres_servers(laptop):
        # The supervisor knows the process; a server that has just been launched has not written its pid file yet.
        postgres.wait_ready(postgres.PostgresHandle(server, supervisor.process_of(server.name)))


def addresses(laptop: Laptop) -> dict[str, str]:
    """Return host:port of every web server, by name: "region", "citizens" and the sites' names."""
    topology = laptop.topology
    citizens = {"citizens": listen_address(topology)} if topology.region.citizens else {}
    return {"region": topology.region.listen} | citizens | {site.name: site.listen for site in topology.site}


def wait_for_web(laptop: Laptop, seconds: float = HEALTH_SECONDS) -> None:
    """Wait until every web server answers. Raises NotHealthy with the end of the log of the one that does not."""
    deadline = time.monotonic() + seconds
    for name, address in addresses(laptop).items():
        while not _answers(address):
            if time.monotonic() > deadline:
                log = laptop.log(f"{name}-web")
                tail = log.read_text("utf-8", "replace")[-LOG_TAIL:]
                raise NotHealthy(
                    f"Веб-сервер «{name}» ({address}) не отвечает; конец журнала {log}:\n{tail}",
                    f"Web server {name!r} ({address}) does not answer; the end of {log}:\n{tail}",
                )
            time.sleep(0.05)


def why_no_cache() -> str | None:
    """Return why the region runs without hot stores; None if it has them."""
    found = valkey.program()
    return str(found.reason) if isinstance(found, valkey.Absent) else None


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
