"""What programs and libraries log of errors: kinds, codes and places, never words and values."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg
import pytest
import structlog

from trustmed.errors import InputRefused
from trustmed.outline import outline, trace
from trustmed.web.logs import configure

MARK = "11223344595"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as programs write it."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (warnings, "showwarning")):
        monkeypatch.setattr(module, name, getattr(module, name))
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    configure(stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], level = before
    root.setLevel(level)


class Card(msgspec.Struct):
    sex: int


def fail_of_input(kind: str) -> None:
    if kind == "int":
        int(MARK + "x")
    elif kind == "struct":
        msgspec.convert({"sex": MARK}, Card)
    elif kind == "bytes":
        (MARK.encode() + b"\xff").decode()
    elif kind == "key":
        {}[MARK]
    elif kind == "file":
        open(f"/nowhere/{MARK}")  # noqa: SIM115
    else:
        raise InputRefused(MARK, MARK)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("int", "ValueError"), ("struct", "ValidationError"), ("bytes", "UnicodeDecodeError"),
        ("key", "KeyError"), ("file", "FileNotFoundError ENOENT"), ("ours", "InputRefused"),
    ],
)  # fmt: skip
def test_an_error_is_told_by_its_kind_and_place(written: io.StringIO, kind: str, told: str):
    try:
        fail_of_input(kind)
    except Exception as error:
        structlog.get_logger().exception("failed", error=error)
    line = json.loads(written.getvalue())
    assert MARK not in written.getvalue()
    assert line["error"] == line["exception"][0]["error"] == told
    assert any(frame.endswith("fail_of_input") for frame in line["exception"][0]["frames"])


def test_causes_contexts_and_members_are_told_alike():
    inner = ExceptionGroup(MARK, [ValueError(MARK), ExceptionGroup(MARK, [KeyError(MARK)])])
    try:
        try:
            raise inner
        except ExceptionGroup as error:
            raise RuntimeError(MARK) from error
    except RuntimeError as error:
        inner.__context__ = error  # a circle
        told = trace(error)
    assert [one["error"] for one in told] == [
        "RuntimeError", "ExceptionGroup", "ValueError", "ExceptionGroup", "KeyError",
    ]  # fmt: skip
    assert MARK not in json.dumps(told)


def test_an_unreachable_server_is_told_in_words():
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect("host=127.0.0.1 port=1 dbname=x connect_timeout=2")
    assert "port 1" in outline(raised.value)


def library(name: str) -> logging.Logger:
    return logging.getLogger(name)


async def _forget_a_task() -> None:
    async def fail() -> None:
        raise ValueError(MARK)

    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task


def test_libraries_log_through_the_same_processors(written: io.StringIO):
    try:
        raise ValueError(MARK)
    except ValueError as error:
        library("uvicorn.error").error("Exception in ASGI application\n", exc_info=True)
        library("psycopg.pool").warning("error connecting in %r: %s", MARK, error)
        library("anything").error({"snils": MARK})
    asyncio.run(_forget_a_task())
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert MARK not in written.getvalue()
    assert [one["event"] for one in told][:4] == [
        "Exception in ASGI application", "error connecting in %r: %s", "dict", "Task exception was never retrieved",
    ]  # fmt: skip
    assert told[1]["arguments"] == ["str", "ValueError"]


PROGRAM = f"""
import threading, warnings
from trustmed.web.logs import configure
configure()
warnings.warn("{MARK}")
class Ends:
    def __del__(self):
        raise ValueError("{MARK}")
thread = threading.Thread(target=int, args=("{MARK}x",))
thread.start()
thread.join()
Ends()
secret = "{MARK}"
raise ValueError(secret)
"""


def test_errors_that_nobody_catches_are_logged_without_their_words():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    told: list[dict[str, Any]] = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [one["event"] for one in told] == ["warning", "thread_died", "error_ignored", "died"]
    assert MARK not in ended.stderr
    assert ended.returncode == 1
