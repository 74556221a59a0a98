"""Outline an error for a log: its kind, codes and places in the code, never its words or values.

The words of an error may quote what was sent: a password, a card, a name. Only libpq's words about a connection are
told, for they come before any data is sent.
"""

import errno
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

import psycopg

from trustmed.errors import TrustMedError

MOST_ERRORS: Final = 20
MOST_FRAMES: Final = 60
NAMES: Final = ("schema_name", "table_name", "column_name", "constraint_name", "datatype_name")


def outline(error: BaseException) -> str:
    """Return what the error is and what caused it, in one line."""
    return " < ".join(_one(each) for each, relation in _all(error) if relation in ("", "cause"))


def outline_with_place(error: BaseException) -> str:
    """Return the outline and the line of code that raised the error, for texts that stand without a trace."""
    frames = _frames(error.__traceback__)
    return f"{outline(error)} ({frames[-1]})" if frames else outline(error)


def trace(error: BaseException) -> list[dict[str, Any]]:
    """Return the error and those behind or inside it, each with the lines of code that it passed."""
    return [
        {"error": _one(each), **({"as": relation} if relation else {}), "frames": _frames(each.__traceback__)}
        for each, relation in _all(error)
    ]


def _all(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield the error (relation "") and its causes, contexts and members, MOST_ERRORS at most, each once."""
    seen: set[int] = set()
    waiting: list[tuple[BaseException, str]] = [(error, "")]
    while waiting and len(seen) < MOST_ERRORS:
        each, relation = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each, relation
        if isinstance(each, BaseExceptionGroup):
            waiting += [(member, "member") for member in reversed(each.exceptions)]
        if each.__cause__ is not None:
            waiting.append((each.__cause__, "cause"))
        elif each.__context__ is not None and not each.__suppress_context__:
            waiting.append((each.__context__, "context"))


def _one(error: BaseException) -> str:
    if isinstance(error, psycopg.Error):
        return " ".join((type(error).__name__, *_of_database(error)))
    if isinstance(error, OSError) and error.errno is not None:
        return f"{type(error).__name__} {errno.errorcode.get(error.errno, error.errno)}"
    return error.code if isinstance(error, TrustMedError) else type(error).__name__


def _of_database(error: psycopg.Error) -> Iterator[str]:
    if error.sqlstate is not None:
        yield error.sqlstate
        yield from filter(None, (getattr(error.diag, name) for name in NAMES))
    elif isinstance(error, psycopg.OperationalError):
        yield str(error).strip().partition("\n")[0]


def _frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-MOST_FRAMES:]
