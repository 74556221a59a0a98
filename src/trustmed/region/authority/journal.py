"""Everything the root key has signed, beside the key: `journal.jsonl`, only ever appended to.

An entry is on disk before the registry's transaction commits. So a registry restored from an older backup, or a kill
between signing and the commit, loses no certificate, no revocation and no use of a code: `service` reads them back.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

FILE: Final = "journal.jsonl"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act. `certificate` is in DER; `code` is the public half of the code it was issued by."""

    act: Literal["issued", "revoked"]
    at: datetime
    serial: str
    by: str
    certificate: bytes = b""
    code: bytes = b""
    renews: str | None = None
    reason: str = ""


def append(folder: Path, entry: Entry) -> None:
    """Add an entry; it is on disk when this returns."""
    line = msgspec.json.encode(entry) + b"\n"
    handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # a kill in the middle of a write
        os.write(handle, (b"\n" if is_torn else b"") + line)
        os.fsync(handle)
    finally:
        os.close(handle)


def entries(folder: Path) -> list[Entry]:
    """Return all entries, the oldest first. A line torn by a kill is passed over: its certificate went nowhere."""
    try:
        lines = (folder / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue
    return found


@contextmanager
def hold(folder: Path) -> Generator[None]:
    """Let one process at a time make a root or publish a list in the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
