"""`trustmed mpi`: link all patients, train weights, show how the index stands.

Heavy imports stay inside the commands, so that `trustmed --help` is quick.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import complaints

if TYPE_CHECKING:
    from trustmed.region.index.load import Progress

app = typer.Typer(help="Мастер-индекс пациентов. The master patient index.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]


@app.command("link")
def link_command(
    file: File = Path("region.toml"),
    language: Language = "ru",
    processes: Annotated[int, typer.Option(min=1, max=64, help="Процессов / processes.")] = 2,
) -> None:
    """Связать всех пациентов региона с людьми: после первой загрузки. Прерванное продолжается с того же места.

    Link every patient of the region: after a first load. Cut short, it goes on where it was.
    """
    from trustmed.region.index.load import link_all_by_processes
    from trustmed.schema import Place
    from trustmed.topology.connect import conninfo
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        dsn = conninfo(topology, topology.database_of(Place.MPI), "trustmed_feed", "mpi link")
        done = link_all_by_processes(dsn, processes, lambda progress: _show(progress, language))
    typer.echo(f"\n{done} patients" if language == "en" else f"\nПациентов: {done}")


@app.command("train")
def train_command(
    out: Annotated[Path, typer.Argument(help="Куда записать модель / where the model goes.")],
    version: Annotated[str, typer.Option(help="Имя версии весов / the version's name.")],
    file: File = Path("region.toml"),
    seed: Annotated[int, typer.Option(help="Зерно выборки / the sample's seed.")] = 1,
) -> None:
    """Оценить веса по пациентам самого региона, без разметки. Включить: TRUSTMED_MATCHING_MODEL=файл.

    Estimate weights from the region's own patients, without labels. To use: TRUSTMED_MATCHING_MODEL=file.
    """
    from trustmed.matching.model import save_model
    from trustmed.region.index.training import train_on_index
    from trustmed.schema import Place
    from trustmed.topology.connect import connect
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        with connect(topology, topology.database_of(Place.MPI), "trustmed_feed", "mpi train") as connection:
            save_model(train_on_index(connection, version, seed).parameters, out)
    typer.echo(str(out))


@app.command("status")
def status_command(file: File = Path("region.toml"), language: Language = "ru") -> None:
    """Сколько в индексе пациентов, людей, вопросов. How many patients, persons and questions there are."""
    from trustmed.db.queries import load as queries
    from trustmed.region.index.weights import model_in_force
    from trustmed.schema import Place
    from trustmed.topology.connect import connect
    from trustmed.topology.file.load import load

    words = (
        ("patients", "persons", "linked by hand", "questions open", "to be matched anew")
        if language == "en"
        else ("пациентов", "людей", "связано вручную", "вопросов открыто", "ждут пересмотра")
    )
    with complaints():
        topology = load(file)
        with connect(topology, topology.database_of(Place.MPI), "trustmed_feed", "mpi status") as connection:
            row = connection.execute(queries("trustmed.region.index")["census"]).fetchone() or ()
            model = model_in_force(connection)
    for title, count in zip(words, row, strict=True):
        typer.echo(f"{count:>12,}  {title}".replace(",", " "))
    typer.echo(f"{model.version:>12}  {'weights' if language == 'en' else 'веса'}")


def _show(progress: "Progress", language: str) -> None:
    rate = progress.done / max(progress.seconds, 0.001)
    of = f" / ~{progress.total}" if progress.total else ""
    words = "patients, {:.0f} a second" if language == "en" else "пациентов, {:.0f} в секунду"
    print(f"\r{progress.done}{of} {words.format(rate)}", end="", flush=True, file=sys.stderr)
