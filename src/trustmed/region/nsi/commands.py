"""`trustmed nsi`: import, list, diff, publish, roll back, status. Heavy imports stay inside the commands."""

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import FAILED, complaints

if TYPE_CHECKING:
    from psycopg import Connection

    from trustmed.region.nsi.files.reading import ImportRequest
    from trustmed.region.nsi.importing.batch import Step
    from trustmed.region.nsi.importing.live import Service
    from trustmed.topology.file.spec import Topology

app = typer.Typer(help="Справочники НСИ региона. The region's reference data.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
Author = Annotated[str, typer.Option("--author", help="Кто это делает / who does it.", default_factory=getpass.getuser)]
Reason = Annotated[str | None, typer.Option("--reason", help="Почему / why.")]
Oid = Annotated[str, typer.Argument(help="OID справочника, любой из его / any OID of the dictionary.")]
UNEVEN = 1
SERVICE = "https://nsi.rosminzdrav.ru"


@app.command("import")
def import_command(
    what: Annotated[list[str], typer.Argument(help="Файлы, папки, OID / files, folders, OIDs.")],
    author: Author,
    file: File = Path("region.toml"),
    language: Language = "ru",
    publish: Annotated[
        bool, typer.Option("--publish", help="Сразу опубликовать новейшие / publish the newest.")
    ] = False,
    oid: Annotated[str | None, typer.Option(help="OID для CSV / for a CSV.")] = None,
    version: Annotated[str | None, typer.Option(help="Версия / the version.")] = None,
    key: Annotated[str | None, typer.Option(help="Ключевой столбец / the key column.")] = None,
    name: Annotated[str | None, typer.Option(help="Столбец имени / the name's column.")] = None,
    code: Annotated[str | None, typer.Option(help="Столбец кода документов / the code documents carry.")] = None,
    parent: Annotated[str | None, typer.Option(help="Столбец родителя / the parent's column.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Кодировка CSV, если не UTF-8 / of a CSV, if not UTF-8.")] = None,
    service: Annotated[str, typer.Option(envvar="TRUSTMED_NSI_SERVICE", help="Сервис НСИ / the service.")] = SERVICE,
    ca: Annotated[
        Path | None, typer.Option(envvar="TRUSTMED_NSI_CA", help="Корневой сертификат сервиса / its root, PEM.")
    ] = None,
    pages: Annotated[
        Path | None, typer.Option(help="Где хранить страницы до загрузки / where pages wait to be imported.")
    ] = None,
) -> None:
    """Загрузить версии справочников из файлов, папок и, по OID, из федерального сервиса.

    Ключ сервиса: файл nsi.userkey в папке секретов или TRUSTMED_SECRET_NSI_USERKEY.
    Exit: 0 done, 3 something was refused (the rest is imported).
    """
    from trustmed.region.nsi.files.columns import ColumnChoice
    from trustmed.region.nsi.files.reading import ImportRequest
    from trustmed.region.nsi.importing.batch import import_paths, publish_newest, split_arguments
    from trustmed.region.nsi.importing.words import publication_line
    from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries
    from trustmed.topology.file.load import load

    progress = _Progress(language)
    with complaints():
        request = ImportRequest(oid, version, ColumnChoice(key, code, name, parent), encoding)
        topology = load(file)
        paths, oids = split_arguments(what)
        with connect_to_dictionaries(topology) as connection:
            steps: list[Step] = []
            if paths:
                steps += import_paths(connection, paths, author, progress.end_file, request, progress.begin_file)
            for one in oids:
                settings, folder = _service(topology, service, ca), pages or topology.folder / "nsi-pages"
                steps += _import_from_service(connection, settings, folder, one, request, author, progress)
            imported = [step.imported.oid for step in steps if step.imported]
            if publish:
                reason = {"en": "import"}.get(language, "загрузка")
                for publication in publish_newest(connection, imported, author, reason):
                    typer.echo(publication_line(publication, language))
    progress.sum_up(steps)
    raise typer.Exit(FAILED if any(step.refused for step in steps) else 0)


@app.command("list")
def list_command(
    oid: Annotated[str | None, typer.Argument(help="OID: показать версии / an OID: show its versions.")] = None,
    file: File = Path("region.toml"),
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
) -> None:
    """Справочники региона или версии одного (→ действует). The dictionaries, or versions of one (→ in force)."""
    from trustmed.region.nsi.importing.words import dictionary_lines, version_line
    from trustmed.region.nsi.versions.sync_service import (
        connect_to_dictionaries,
        find_dictionaries,
        find_own_oid,
        find_versions,
    )
    from trustmed.topology.file.load import load

    with complaints(), connect_to_dictionaries(load(file)) as connection:
        dictionaries = find_dictionaries(connection, find_own_oid(connection, oid) if oid else None)
        versions = find_versions(connection, dictionaries[0].oid) if oid else []
    if as_json:
        _print({"dictionaries": dictionaries, **({"versions": versions} if oid else {})})
        return
    for line in dictionaries:
        typer.echo("\n".join(dictionary_lines(line, language)))
        if oid and line.aliases:
            typer.echo(f"  = {', '.join(line.aliases)}")
    for version in versions:
        typer.echo(f"  {version_line(version, language)}")


@app.command("diff")
def diff_command(
    oid: Oid,
    before: Annotated[str, typer.Argument(help="Прежняя версия / the earlier version.")],
    after: Annotated[str, typer.Argument(help="Новая версия / the later version.")],
    file: File = Path("region.toml"),
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
    examples: Annotated[int, typer.Option(min=0, help="Строк каждого вида / rows of each kind.")] = 20,
) -> None:
    """Чем версии различаются. What two versions do not have alike."""
    from trustmed.region.nsi.importing.words import difference_lines
    from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, find_difference
    from trustmed.topology.file.load import load

    with complaints(), connect_to_dictionaries(load(file)) as connection:
        found = find_difference(connection, oid, before, after, examples)
    if as_json:
        _print(found)
    else:
        typer.echo("\n".join(difference_lines(found, language, examples)))


@app.command("publish")
def publish_command(
    oid: Oid,
    author: Author,
    version: Annotated[str | None, typer.Argument(help="Версия; без неё новейшая / none: the newest.")] = None,
    reason: Reason = None,
    file: File = Path("region.toml"),
    language: Language = "ru",
) -> None:
    """Сделать версию действующей на всех площадках. Put a version in force at every site."""
    from trustmed.region.nsi.importing.words import publication_line
    from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, publish
    from trustmed.topology.file.load import load

    with complaints(), connect_to_dictionaries(load(file)) as connection:
        typer.echo(publication_line(publish(connection, oid, version, author, reason), language))


@app.command("rollback")
def rollback_command(
    oid: Oid, author: Author, reason: Reason = None, file: File = Path("region.toml"), language: Language = "ru"
) -> None:
    """Вернуть версию, опубликованную прежде. Put the version published before in force again."""
    from trustmed.region.nsi.importing.words import publication_line
    from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, roll_back
    from trustmed.topology.file.load import load

    with complaints(), connect_to_dictionaries(load(file)) as connection:
        typer.echo(publication_line(roll_back(connection, oid, author, reason), language))


@app.command("status")
def status_command(
    file: File = Path("region.toml"),
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
    every: Annotated[bool, typer.Option("--all", help="И то, что не отстаёт / also what is not behind.")] = False,
) -> None:
    """Какая версия на какой площадке, как видел монитор связей. Exit: 0 all as at the region, 1 not, 3 failed."""
    from trustmed.region.nsi.importing.words import site_lines
    from trustmed.region.nsi.versions.sync_service import connect_to_dictionaries, find_dictionaries, find_spread
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        with connect_to_dictionaries(topology) as connection:
            sites = find_spread(connection, topology)
            current = {one.oid: one.current_version for one in find_dictionaries(connection) if one.current_version}
    if as_json:
        _print({"current": current, "sites": sites})
    else:
        typer.echo("\n".join(line for one in sites for line in site_lines(one, current, language, every=every)))
    raise typer.Exit(UNEVEN if any(one.behind or one.seen_at is None for one in sites) else 0)


def _service(topology: "Topology", address: str, ca: Path | None) -> "Service":
    from trustmed.region.nsi.importing.live import Service
    from trustmed.topology.secrets import secret

    return Service(address.rstrip("/"), secret(topology, "nsi", "userkey"), ca)


def _import_from_service(
    connection: "Connection",
    service: "Service",
    folder: Path,
    oid: str,
    request: "ImportRequest",
    author: str,
    progress: "_Progress",
) -> "list[Step]":
    """Fetch a version from the service and import it; if the import raises, the pages stay for the next run."""
    import msgspec

    from trustmed.region.nsi.importing.batch import import_paths
    from trustmed.region.nsi.importing.live import delete_pages, fetch_version

    request = msgspec.structs.replace(request, oid=oid)
    target = fetch_version(service, request, folder, progress.begin_file)
    steps = import_paths(connection, [target], author, progress.end_file, request, progress.begin_file)
    delete_pages(target)
    return steps


class _Progress:
    """Print a line for each finished file and, on a terminal, also the file in progress."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.began_at = self.file_began_at = time.monotonic()
        self.on_terminal = sys.stdout.isatty()

    def begin_file(self, name: str, number: int, total: int) -> None:
        self.file_began_at = time.monotonic()
        if self.on_terminal:
            filled = "█" * (20 * (number - 1) // total)
            typer.echo(f"\r\x1b[K{filled:░<20} {number}/{total} {name}", nl=False)

    def end_file(self, step: "Step") -> None:
        from trustmed.region.nsi.importing.words import step_lines

        if self.on_terminal:
            typer.echo("\r\x1b[K", nl=False)
        for line in step_lines(step, self.language, time.monotonic() - self.file_began_at):
            typer.echo(line, err=step.refused is not None)

    def sum_up(self, steps: "list[Step]") -> None:
        seconds = time.monotonic() - self.began_at
        fresh = [step.imported for step in steps if step.imported and step.imported.outcome != "same"]
        rows = sum(one.rows for one in fresh)
        refused = sum(step.refused is not None for step in steps)
        same = len(steps) - len(fresh) - refused
        words = {
            "en": f"Imported {len(fresh)} versions, {rows} rows in {seconds:.1f} s; held already {same}, "
            f"refused {refused}."
        }
        typer.echo(
            words.get(
                self.language,
                f"Загружено версий {len(fresh)}, строк {rows} за {seconds:.1f} с; уже были {same}, отказано {refused}.",
            )
        )


def _print(value: object) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
