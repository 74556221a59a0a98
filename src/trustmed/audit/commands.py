"""`trustmed audit`: check the trail against its seals, let go what is past keeping.

Heavy imports stay inside the commands, so that `trustmed --help` is quick.
"""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import FAILED, complaints

if TYPE_CHECKING:
    from trustmed.audit.checking import Verdict

app = typer.Typer(help="Журнал обращений. The audit trail.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
OfSite = Annotated[str | None, typer.Option("--site", help="Только площадка / of one site only.")]
UNSOUND = 1
LEAST_KEPT = 12


@app.command("verify")
def verify_command(
    file: File = Path("region.toml"),
    site: OfSite = None,
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
) -> None:
    """Сверить журнал с печатями и с тем, что знает другая сторона. 0 цел, 1 не цел, 3 не удалось прочитать.

    Check the trail against its seals and what the other side knows. Exit: 0 sound, 1 not sound, 3 could not be read.
    """
    import msgspec

    from trustmed.audit.trails import check_trails
    from trustmed.audit.words import lines
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        reports = []
        for report in check_trails(topology, site, _show):
            reports.append(report)
            if not as_json:
                typer.echo("\n".join(lines(report, language)))
    if as_json:
        sys.stdout.write(msgspec.json.encode({"trails": reports}).decode() + "\n")
    if any(report.verdict is not None and not report.verdict.is_sound for report in reports):
        raise typer.Exit(UNSOUND)
    if any(report.verdict is None for report in reports):
        raise typer.Exit(FAILED)


@app.command("retention")
def retention_command(
    keep: Annotated[int, typer.Option(min=LEAST_KEPT, help="Месяцев хранить / months to keep.")] = 60,
    file: File = Path("region.toml"),
    site: OfSite = None,
    language: Language = "ru",
    drop: Annotated[bool, typer.Option("--drop", help="Удалить; иначе только показать / drop, not only show.")] = False,
) -> None:
    """Части журнала старше срока: показать или удалить (только целые и известные другой стороне).

    Parts of the trail past keeping: show them, or drop those that are sound, sealed and known to the other side.
    """
    from trustmed.audit.trails import ROLE, drop_past_keeping, months_ago, parts_before, trails
    from trustmed.topology.connect import connect
    from trustmed.topology.file.load import load

    with complaints():
        topology, before = load(file), months_ago(keep)
        for database in trails(topology, site):
            if drop:
                words = "dropped, rows" if language == "en" else "удалена, строк"
                for part, rows in drop_past_keeping(topology, database, before, getpass.getuser()):
                    typer.echo(f"{database.label}: {part.name} {words} {rows}")
                continue
            words = "ended" if language == "en" else "кончилась"
            with connect(topology, database, ROLE, "audit retention") as connection:
                for part in parts_before(connection, before):
                    typer.echo(f"{database.label}: {part.name} {words} {part.until_at:%Y-%m-%d}")


def _show(database: str, verdict: "Verdict") -> None:
    """Show how far a long check has come, to a person only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{database}: {verdict.rows:,}\033[K")
        sys.stderr.flush()
