"""How a command reports an error of ours: in both languages, without a traceback, with an exit code."""

from collections.abc import Generator
from contextlib import contextmanager

import typer

from trustmed.errors import TrustMedError

FAILED = 3


@contextmanager
def complaints() -> Generator[None]:
    """End the command if the block raises an error of ours: print its texts to standard error, exit with FAILED."""
    try:
        yield
    except TrustMedError as error:
        typer.echo(f"{error.ru}\n{error.en}", err=True)
        raise typer.Exit(FAILED) from None
