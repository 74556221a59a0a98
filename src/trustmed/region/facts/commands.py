"""`trustmed record`: read facts out of documents again, show how they stand.

Heavy imports stay inside the commands, so that `trustmed --help` is quick.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import complaints

if TYPE_CHECKING:
    from trustmed.region.facts.load import Progress
    from trustmed.region.facts.status import ShardState

app = typer.Typer(help="Интегрированная карта. The integrated record.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
UNHEALTHY = 1  # the exit code


@app.command("extract")
def extract_command(
    file: File = Path("region.toml"),
    language: Language = "ru",
    anew: Annotated[bool, typer.Option("--all", help="И уже разобранные / those read already too.")] = False,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Процессов / processes.")] = 2,
) -> None:
    """Разобрать документы всех шардов на факты. Прерванное продолжается с того же места.

    Read the facts out of the documents of every shard. Cut short, it goes on where it was.
    """
    from trustmed.region.facts.load import extract_all_by_processes
    from trustmed.region.facts.status import shards
    from trustmed.topology.connect import conninfo
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        for shard in shards(topology):
            dsn = conninfo(topology, shard, "trustmed_feed", "record extract")
            label = shard.label
            done = extract_all_by_processes(
                dsn, processes, lambda progress, label=label: _show(label, progress, language), anew=anew
            )
            words = "read {}, of them {} failed" if language == "en" else "разобрано {}, из них с ошибкой {}"
            typer.echo("", err=True)  # the line of progress ends
            typer.echo(f"{label}: {words.format(*done)}")


@app.command("status")
def status_command(
    file: File = Path("region.toml"),
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
) -> None:
    """Сколько документов разобрано на каждом шарде. Exit: 0 all is well, 1 something is not, 3 failed."""
    import msgspec

    from trustmed.region.facts.status import status
    from trustmed.topology.file.load import load

    with complaints():
        states = status(load(file))
    if as_json:
        typer.echo(msgspec.json.encode(states).decode())
    else:
        for state in states:
            _tell(state, language)
    if any(state.error_ru or state.failed for state in states):
        raise typer.Exit(UNHEALTHY)


_TITLES = {
    "ru": ("документов", "разобрано", "прежней версией", "не разобрано", "с ошибкой", "фактов", "записей не понято"),
    "en": ("documents", "read", "by an older version", "not yet read", "failed", "facts", "entries not understood"),
}


def _tell(state: "ShardState", language: str) -> None:
    english = language == "en"
    typer.echo(state.shard)
    if state.error_ru:
        typer.echo(f"  {state.error_en if english else state.error_ru}")
        return
    counts = (state.documents, state.extracted, state.older, state.waiting, state.failed, state.facts)
    for title, count in zip(_TITLES["en" if english else "ru"], (*counts, state.not_understood), strict=True):
        typer.echo(f"{count:>12,}  {title}".replace(",", " "))
    for one in state.latest_failures:
        russian, _, translated = one.error.partition("\n")
        words = translated if english and translated else russian
        typer.echo(f"  {one.organization_id} {one.document_id}: {words}")


def _show(label: str, progress: "Progress", language: str) -> None:
    rate = progress.done.documents / max(progress.seconds, 0.001)
    of = f" / ~{progress.total}" if progress.total else ""
    words = "documents, {:.0f} a second" if language == "en" else "документов, {:.0f} в секунду"
    print(f"\r{label}: {progress.seen}{of} {words.format(rate)}", end="", flush=True, file=sys.stderr)
