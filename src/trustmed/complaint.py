"""How commands say that something was refused: in both languages, without a traceback, by an exit code."""

from collections.abc import Generator
from contextlib import contextmanager

import typer

from trustmed.errors import TrustMedError

FAILED = 3


@contextmanager
def complaints() -> Generator[None]:
    """A named error in the block ends the command: its texts on standard error, exit code FAILED."""
    try:
        yield
    except TrustMedError as error:
        typer.echo(f"{error.ru}\n{error.en}", err=True)
        raise typer.Exit(FAILED) from None
