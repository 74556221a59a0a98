"""Structured logs: one JSON object per line on standard error, times in UTC.

No line holds what was sent: errors are outlined (`trustmed.outline`), and of what libraries write only the pattern is
kept, with numbers, classes of errors and nothing else filled in.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from trustmed.outline import outline, trace

PLAIN: Final = (bool, int, float, type(None))
log = structlog.get_logger()


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write the log lines of this program and of its libraries as JSON, uncaught errors and warnings included.

    `stream`: instead of standard error.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            outline_errors,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_unknown),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.__stderr__),
    )
    root = logging.getLogger()
    root.handlers[:] = [LibraryHandler()]
    root.setLevel(max(level, logging.WARNING))  # libraries log too much below that
    _note_uncaught()


def outline_errors(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put the outline of the error being logged under `exception`, and outlines in the place of other errors."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(given, tuple):
        given = given[1]
    elif given and not isinstance(given, BaseException):
        given = sys.exception()
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = outline(value)
    if isinstance(given, BaseException):
        event["exception"] = trace(given)
    return event


class LibraryHandler(logging.Handler):
    """Passes what libraries log through the processors of our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the first line of the record's pattern; libraries fill a pattern in with values of every kind."""
        pattern = type(record.msg).__name__ if not isinstance(record.msg, str) else record.msg.partition("\n")[0]
        told = [_told(value) for value in _arguments(record)]
        log.log(
            record.levelno,
            pattern,
            logger=record.name,
            place=f"{record.pathname}:{record.lineno}",
            **({"arguments": told} if told else {}),
            exc_info=record.exc_info,
        )


def _arguments(record: logging.LogRecord) -> list[Any]:
    if isinstance(record.args, Mapping):
        return list(record.args.values())
    return list(record.args or ())


def _told(value: object) -> Any:
    if isinstance(value, BaseException):
        return outline(value)
    return value if isinstance(value, PLAIN) else type(value).__name__


def _unknown(value: object) -> str:
    return type(value).__name__


def _note_uncaught() -> None:
    """Log errors that nobody catches, and warnings, without their words."""

    def note_warning(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
        log.warning("warning", kind=category.__name__, place=f"{filename}:{lineno}")

    def note_in_thread(args: threading.ExceptHookArgs) -> None:
        log.critical("thread_died", thread=args.thread.name if args.thread else None, exc_info=args.exc_value)

    def note_ignored(args: Any) -> None:
        log.error("error_ignored", exc_info=args.exc_value)

    def note_end(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("died", exc_info=error)

    warnings.showwarning = note_warning  # ty: ignore[invalid-assignment]
    sys.excepthook, sys.unraisablehook, threading.excepthook = note_end, note_ignored, note_in_thread
