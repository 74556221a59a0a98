"""Load the dictionaries of a laptop region: real ones from a folder, if it is named, and the few built-in ones."""

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import psycopg

from trustmed.region.nsi.importing.batch import Step, import_paths, publish_newest
from trustmed.region.nsi.importing.extract import extracts_of
from trustmed.region.nsi.importing.store import store_table
from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, find_dictionaries
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

AUTHOR = "demo"
SPREAD_SECONDS = 180.0

Progress = Callable[[str, str], None]


def load_dictionaries(
    topology: Topology,
    folder: Path | None,
    progress: Progress = lambda ru, en: None,
    detail: Callable[[str], None] = lambda line: None,
) -> None:
    """Import new dictionaries, put the newest versions in force, and wait until every site has them.

    Raises NothingToImport for a folder without dictionaries.
    """
    with connect_to_dictionaries(topology) as connection:
        imported = _import_folder(connection, folder, progress, detail) if folder else []
        imported += _import_built_in(connection)
        if imported:
            publish_newest(connection, imported, AUTHOR, "начальные данные / first data")
            progress("Справочники расходятся по площадкам", "Dictionaries travel to the sites")
            for site in sites_behind(topology, connection, SPREAD_SECONDS):
                progress(f"Площадка {site} ещё получает справочники", f"Site {site} is still receiving dictionaries")


def sites_behind(topology: Topology, connection: psycopg.Connection, seconds: float) -> list[str]:
    """Wait until every site has the region's current versions; return the sites that lack some after `seconds`."""
    current = {(line.oid, line.current_version) for line in find_dictionaries(connection)}
    deadline = time.monotonic() + seconds
    behind: list[str] = []
    for site in topology.site:
        if site.link != "online":
            continue
        with connect(topology, topology.database_of(Place.SITE, site), "administrator", "seed") as there:
            while not current <= set(there.execute("select oid, current_version from nsi.dictionary").fetchall()):
                if time.monotonic() > deadline:
                    behind.append(site.name)
                    break
                time.sleep(0.05)
    return behind


def _import_folder(
    connection: psycopg.Connection, folder: Path, progress: Progress, detail: Callable[[str], None]
) -> list[str]:
    """Import the folder; return the OIDs of what was new."""

    def tell_file(name: str, number: int, total: int) -> None:
        detail(f"{number}/{total} {name}")

    def tell_refusal(step: Step) -> None:
        if step.refused is not None:
            progress(step.refused.ru, step.refused.en)

    steps = import_paths(connection, [folder], AUTHOR, tell_refusal, on_begin=tell_file, only_new=True)
    fresh = [step.imported for step in steps if step.imported and step.imported.outcome != "same"]
    if fresh:
        rows = sum(one.rows for one in fresh)
        progress(f"Справочники: версий {len(fresh)}, строк {rows}", f"Dictionaries: {len(fresh)} versions, {rows} rows")
    return [one.oid for one in fresh]


def _import_built_in(connection: psycopg.Connection) -> list[str]:
    """Import the built-in dictionaries, except those with other versions here; return the OIDs of what was new."""
    text = (files("trustmed.embedded") / "dictionaries.toml").read_text("utf-8")
    held = {name: line for line in find_dictionaries(connection) for name in (line.oid, *line.aliases)}
    imported = []
    for table in extracts_of(text, "dictionaries.toml"):
        line = held.get(table.heading.oid)
        if line is not None and table.heading.version not in (line.current_version, line.newest_version):
            continue
        if store_table(connection, table, AUTHOR).outcome != "same":
            imported.append(table.heading.oid)
    return imported
