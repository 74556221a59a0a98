"""`trustmed demo`: a whole region on this machine."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from trustmed.complaint import complaints

app = typer.Typer(help="Весь регион на этой машине. / A whole region on this machine.", no_args_is_help=True)

FOLDER = Path(".demo")
Folder = Annotated[Path, typer.Option("--folder", help="Папка данных. / The data folder.")]


@app.command()
def run(
    folder: Folder = FOLDER,
    fresh_ports: Annotated[
        bool, typer.Option("--fresh-ports", help="Любые свободные порты. / Any free ports.")
    ] = False,
    nsi: Annotated[
        Path | None,
        typer.Option(
            "--nsi", envvar="TRUSTMED_NSI_DIR", help="Папка настоящих справочников. / A folder of real dictionaries."
        ),
    ] = None,
) -> None:
    """Поднять регион и держать его до Ctrl-C. / Bring the region up and keep it until Ctrl-C."""
    from trustmed.demo.guide import guide
    from trustmed.demo.laptop import prepare
    from trustmed.demo.region import running, why_no_cache
    from trustmed.embedded.processes import Happening

    begun = time.monotonic()

    def progress(ru: str, en: str) -> None:
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        typer.echo(f"{clear}[{time.monotonic() - begun:5.1f} с] {ru} / {en}")

    def detail(line: str) -> None:
        if sys.stdout.isatty():
            typer.echo(f"\r\x1b[K          {line[:100]}", nl=False)

    def report(happening: Happening) -> None:
        if happening.state in ("died", "failed"):
            again = f"; повтор через {happening.retry_in:.1f} с / again in {happening.retry_in:.1f} s"
            typer.echo(f"! {happening.service}: {happening.state} {happening.detail}{again}", err=True)

    try:
        with complaints():
            laptop = prepare(folder, fresh_ports=fresh_ports)
            if reason := why_no_cache():
                typer.echo(f"Без Redis, медленнее / without Redis, slower: {reason}")
            with running(laptop, progress, report, detail, nsi) as supervisor:
                typer.echo(f"[{time.monotonic() - begun:5.1f} с] Готово / ready\n")
                typer.echo(guide(laptop))
                supervisor.run()
                typer.echo("\nОстанавливаемся… / Stopping…")
    except KeyboardInterrupt:
        typer.echo("\nОстановлено; данные сохранены. / Stopped; the data is kept.")


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Для программ. / For machines.")] = False,
    folder: Annotated[Path | None, typer.Option("--folder", help="Оставить данные здесь. / Keep data here.")] = None,
) -> None:
    """Пройти главный сценарий на свежем регионе. / Walk the main scenario on a fresh region."""
    from trustmed.demo.check.walk import walk

    with complaints():
        report = walk(folder, quiet=as_json)
    typer.echo(report.json() if as_json else report.table())
    raise typer.Exit(0 if report.held else 1)


@app.command()
def reset(folder: Folder = FOLDER) -> None:
    """Стереть данные демонстрации. / Erase the demo's data."""
    from trustmed.demo.laptop import erase

    with complaints():
        erase(folder)
    typer.echo("Данные демонстрации стёрты. / The demo's data is erased.")


@app.command()
def code(login: Annotated[str, typer.Argument(help="engineer, steward, physician")], folder: Folder = FOLDER) -> None:
    """Код входа, который показывает телефон сотрудника региона. / The code that a phone of the region's staff shows."""
    from trustmed.demo.content.phone import code_now
    from trustmed.topology.file.load import load

    with complaints():
        typer.echo(code_now(load(folder / "region.toml"), login))


@app.command()
def cut(site: str, folder: Folder = FOLDER) -> None:
    """Оборвать связь площадки с регионом. / Cut a site's line to the region."""
    _set_line(folder, site, cut=True)


@app.command()
def restore(site: str, folder: Folder = FOLDER) -> None:
    """Вернуть связь площадки с регионом. / Restore a site's line to the region."""
    _set_line(folder, site, cut=False)


@app.command(hidden=True)
def citizens(file: Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY")] = Path("region.toml")) -> None:
    """Поставщик учётных записей и портал гражданина. / The provider of citizens' accounts and their portal."""
    from trustmed.demo.citizens.program import run as serve_citizens
    from trustmed.topology.file.load import load

    with complaints():
        serve_citizens(load(file))


def _set_line(folder: Path, site: str, *, cut: bool) -> None:
    from trustmed.topology.file.load import load

    with complaints():
        load(folder / "region.toml").site_named(site)
    mark = folder / "cut" / site
    if cut:
        mark.touch()
    else:
        mark.unlink(missing_ok=True)
    typer.echo(f"{site}: связь {'оборвана' if cut else 'возвращена'} / line {'cut' if cut else 'restored'}")
