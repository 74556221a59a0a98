"""`trustmed region`: the region's programs. Heavy imports are inside the commands, so that help prints at once."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import complaints
from trustmed.programs.region_accounts import accounts, clients

if TYPE_CHECKING:
    from trustmed.feed.status import SourceState

app = typer.Typer(help="Программы региона. The region's programs.", no_args_is_help=True)
app.add_typer(accounts, name="account")
app.add_typer(clients, name="client")
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
UNHEALTHY = 1


@app.command("feed")
def feed_command(
    file: File = Path("region.toml"),
    metrics_port: Annotated[
        int | None, typer.Option(help="Порт показателей Prometheus на 127.0.0.1 / port of metrics.")
    ] = None,
) -> None:
    """Лента изменений всех баз региона, до SIGTERM. The change feed of all the region's databases, until SIGTERM."""
    from prometheus_client import start_http_server

    from trustmed.programs.feed import run_feed
    from trustmed.programs.stopping import stop_on_signals
    from trustmed.topology.file.load import load
    from trustmed.web.logs import configure

    stop = stop_on_signals()
    with complaints():
        topology = load(file)
        configure()
        if metrics_port is not None:
            start_http_server(metrics_port, addr="127.0.0.1")
        run_feed(topology, stop)


@app.command("feed-status")
def feed_status_command(
    file: File = Path("region.toml"),
    language: Language = "ru",
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
) -> None:
    """Докуда дошла лента и что ей мешает. Exit: 0 all is well, 1 something is not, 3 failed."""
    import msgspec

    from trustmed.feed.status import status
    from trustmed.topology.file.load import load

    with complaints():
        states = status(load(file))
    if as_json:
        sys.stdout.write(msgspec.json.encode({"sources": states}).decode() + "\n")
    else:
        typer.echo("\n".join(line for state in states for line in _lines(state, language)))
    raise typer.Exit(0 if all(state.healthy for state in states) else UNHEALTHY)


@app.command("feed-retry")
def feed_retry_command(
    consumer: Annotated[
        str | None, typer.Argument(help="Обработчик; без него все / an effect; by default all.")
    ] = None,
    file: File = Path("region.toml"),
    language: Language = "ru",
) -> None:
    """Повторить отложенные изменения сейчас. Let the feed try parked changes now."""
    from trustmed.feed.status import retry_parked
    from trustmed.topology.file.load import load

    with complaints():
        count = retry_parked(load(file), consumer)
    words = {"en": f"To be tried now: {count}."}
    typer.echo(words.get(language, f"Будет повторено сейчас: {count}."))


@app.command("metrics-token")
def metrics_token_command(file: File = Path("region.toml")) -> None:
    """Токен, с которым Prometheus читает /metrics региона. Print the token that opens the region's /metrics."""
    from trustmed.topology.file.load import load
    from trustmed.topology.secrets import ensure_secret

    with complaints():
        typer.echo(ensure_secret(load(file), "region", "metrics"))


@app.command("serve")
def serve_command(
    file: File = Path("region.toml"),
    listen: Annotated[str | None, typer.Option(help="host:port вместо файла / instead of the file's.")] = None,
    https: Annotated[bool, typer.Option(help="Сайт открывают по https / people open the site by https.")] = False,
) -> None:
    """Веб-сервер региона, до SIGTERM. The region's web server, until SIGTERM."""
    from trustmed.programs.region_web import create_app
    from trustmed.topology.file.load import load
    from trustmed.web.logs import configure
    from trustmed.web.proxies import networks_of
    from trustmed.web.serving import serve_application

    with complaints():
        topology = load(file)
        configure()
        app = create_app(topology, https=https)
    proxies = networks_of(topology.region.trusted_proxies)
    serve_application(app, listen or topology.region.listen, trusted_proxies=proxies)


def _lines(state: "SourceState", language: str) -> list[str]:
    """Describe the state of a source for a person."""
    english = language == "en"
    lines = [f"{state.source}: {_slot_words(state, english)}"]
    behind = "behind by {} bytes, {} changes, parked {}" if english else "отстаёт на {} байт, изменений {}, отложено {}"
    for one in state.consumers:
        lines.append(f"    {one.consumer}: {behind.format(one.behind_bytes, one.changes, one.parked)} ({one.lsn})")
        lines += [f"        {error}" for error in (one.last_error, one.parked_error) if error]
    action = state.next_action_en if english else state.next_action_ru
    return [*lines, f"    {'Next' if english else 'Дальше'}: {action}"]


def _slot_words(state: "SourceState", english: bool) -> str:
    if state.error_ru is not None:
        return (state.error_en if english else state.error_ru) or ""
    if state.slot is None:
        return "no slot" if english else "слота нет"
    if state.slot.invalidation_reason:
        return f"{'slot lost' if english else 'слот потерян'}: {state.slot.invalidation_reason}"
    if state.slot.active:
        return "being read" if english else "читается"
    return "nobody reads it" if english else "никто не читает"
