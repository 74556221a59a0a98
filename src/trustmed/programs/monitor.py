"""The link monitor as a program: `trustmed topology watch`."""

from pathlib import Path
from typing import Annotated

import typer

from trustmed.complaint import complaints
from trustmed.programs.stopping import stop_on_signals
from trustmed.topology.commands import File
from trustmed.topology.file.load import load
from trustmed.topology.watch.monitor import watch
from trustmed.web.logs import configure


def watch_command(
    file: File = Path("region.toml"), every: Annotated[float, typer.Option(help="Секунды / seconds.")] = 3.0
) -> None:
    """Следить за связями, пока не остановят: состояние хранится в базе реестра."""
    with complaints():
        configure()
        watch(load(file), every, stop=stop_on_signals())
