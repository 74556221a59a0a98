"""`trustmed topology`: plan, apply, status, graph, repair. The program of `trustmed topology watch` is in programs."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from trustmed.complaint import FAILED, complaints
from trustmed.errors import TrustMedError
from trustmed.topology.apply import apply, pending_steps
from trustmed.topology.file.load import TopologyRefused, load
from trustmed.topology.graph import graph_data, graph_svg
from trustmed.topology.plan import Step
from trustmed.topology.repair import repair
from trustmed.topology.watch.probe import probe
from trustmed.topology.watch.status import LinkState, state_words

UNHEALTHY, PENDING = 1, 2  # exit codes
STATUS_SECONDS = 3


class Language(StrEnum):
    RU = "ru"
    EN = "en"


app = typer.Typer(
    help="Топология региона: план, применение, состояние связей. The region's topology: plan, apply, links.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Tongue = Annotated[Language, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
AsJson = Annotated[bool, typer.Option("--json", help="Для машин / for machines.")]
Only = Annotated[
    str | None,
    typer.Option("--only", help="Регион и одна площадка, без удалений / the region and one site, without removals."),
]
Keep = Annotated[
    bool,
    typer.Option(
        "--without-removals",
        help="Оставить в схеме то, что нужно прежним программам / keep in the schema what earlier programs need.",
    ),
]


@app.command("plan")
def plan_command(
    file: File = Path("region.toml"),
    language: Tongue = Language.RU,
    as_json: AsJson = False,
    only: Only = None,
    keep: Keep = False,
) -> None:
    """Показать шаги. Exit: 0 nothing to do, 2 steps pending, 3 failed."""
    with _errors(as_json):
        steps = pending_steps(load(file), only, removals=not keep)
        if as_json:
            _print({"steps": [_step(step) for step in steps]})
        else:
            nothing = {"ru": "Делать нечего: серверы соответствуют файлу.", "en": "Nothing to do."}[language]
            typer.echo("\n".join(f"{n:3}. {s.title(language)}" for n, s in enumerate(steps, 1)) or nothing)
    raise typer.Exit(PENDING if steps else 0)


@app.command("apply")
def apply_command(
    file: File = Path("region.toml"),
    language: Tongue = Language.RU,
    as_json: AsJson = False,
    only: Only = None,
    keep: Keep = False,
    allow_destroy: Annotated[bool, typer.Option(help="Разрешить удаление связей / allow removing links.")] = False,
) -> None:
    """Выполнить план; прерванное продолжится при повторе. Exit: 0 done, 3 failed."""

    def show(step: Step, number: int, total: int) -> None:
        if not as_json:
            typer.echo(f"[{number}/{total}] {step.title(language)}")

    with _errors(as_json):
        started = time.monotonic()
        done = apply(load(file), allow_destroy=allow_destroy, only=only, removals=not keep, on_step=show)
        seconds = round(time.monotonic() - started, 2)
        if as_json:
            _print({"done": [_step(step) for step in done], "seconds": seconds})
        else:
            words = {"ru": f"Готово: шагов {len(done)}, {seconds} с.", "en": f"Done: {len(done)} steps, {seconds} s."}
            typer.echo(words[language])


@app.command("status")
def status_command(
    file: File = Path("region.toml"),
    language: Tongue = Language.RU,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Повторять каждые 3 с / repeat every 3 s.")] = False,
) -> None:
    """Состояние связей словами. Exit: 0 all healthy, 1 some are not, 3 failed."""
    with _errors(as_json):
        topology = load(file)
        while True:
            states = probe(topology)
            if as_json:
                _print({"links": [msgspec.to_builtins(state) for state in states]})
            else:
                typer.echo("\n".join(line for state in states for line in _lines(state, language)))
            if not watch:
                break
            typer.echo("")
            time.sleep(STATUS_SECONDS)
    raise typer.Exit(0 if all(state.healthy for state in states) else UNHEALTHY)


@app.command("graph")
def graph_command(
    file: File = Path("region.toml"),
    language: Tongue = Language.RU,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Куда записать SVG / where to write.")] = None,
    states: Annotated[bool, typer.Option(help="Спросить состояние связей / ask how the links are.")] = True,
) -> None:
    """Схема серверов, баз и связей в SVG."""
    with _errors(as_json):
        topology = load(file)
        found = probe(topology, compare_rows=False) if states else ()
        if as_json:
            text = msgspec.json.encode(graph_data(topology, found)).decode() + "\n"
        else:
            text = graph_svg(topology, found, language)
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, "utf-8")


@app.command("repair")
def repair_command(
    link: Annotated[str, typer.Argument(help="Имя связи из status / the link's name from status.")],
    file: File = Path("region.toml"),
    language: Tongue = Language.RU,
    as_json: AsJson = False,
    remove_ghosts: Annotated[
        bool, typer.Option(help="Убрать у получателя строки, которых нет у источника / remove ghost rows.")
    ] = False,
) -> None:
    """Восстановить связь. Exit: 0 it streams, 1 not yet, 3 failed."""
    with _errors(as_json):
        result = repair(load(file), link, remove_ghosts=remove_ghosts)
        if as_json:
            _print(msgspec.to_builtins(result))
        else:
            typer.echo("\n".join((*_lines(result.before, language), *_lines(result.after, language))))
            for table in result.tables:
                typer.echo(
                    {
                        "ru": f"  {table.table}: добавлено {table.added}, изменено {table.changed} (прежние в "
                        f"карантине), отсутствует у источника {table.ghosts}",
                        "en": f"  {table.table}: added {table.added}, changed {table.changed} (former ones in "
                        f"quarantine), absent at source {table.ghosts}",
                    }[language]
                )
    raise typer.Exit(0 if result.after.healthy else UNHEALTHY)


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "key": list(step.thing.key) if step.thing else None,
        "destructive": step.destructive,
        "ru": step.title("ru"),
        "en": step.title("en"),
    }


def _lines(state: LinkState, language: str) -> Generator[str]:
    numbers: list[str] = []
    if state.lag_ms is not None:
        numbers.append(f"{state.lag_ms:.1f} {'мс' if language == 'ru' else 'ms'}")
    if state.lag_bytes is not None:
        numbers.append(f"{state.lag_bytes} {'байт' if language == 'ru' else 'bytes'}")
    if state.lag_rows is not None:
        numbers.append(f"{state.lag_rows} {'строк' if language == 'ru' else 'rows'}")
    yield f"{state.link:45} {state_words(state.state, language):12} {', '.join(numbers)}"
    if state.error(language):
        yield f"    {state.error(language)}"
    if state.action(language):
        yield f"    → {state.action(language)}"


def _print(value: Any) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@contextmanager
def _errors(as_json: bool) -> Generator[None]:
    """Print an error as a message, for machines as JSON, and end with its exit code instead of a traceback."""
    with complaints():
        try:
            yield
        except TrustMedError as error:
            if not as_json:
                raise
            problems = error.problems if isinstance(error, TopologyRefused) else ()
            listed = [{"line": p.line, "key": p.key, "ru": p.ru, "en": p.en} for p in problems]
            _print({"error": error.code, "ru": error.ru, "en": error.en, **({"problems": listed} if listed else {})})
            raise typer.Exit(FAILED) from None
