"""Show the end of a server's log, and keep the log within bounds on disk."""

import json
from pathlib import Path

BUDGET = 64 * 1024 * 1024  # bytes of one server's logs
_TAIL_BYTES = 64 * 1024


def tail(folder: Path, lines: int = 12) -> str:
    """Return a server's last messages, from before its log collector ran (start.txt) and from its newest JSON log."""
    newest = sorted(folder.glob("*.json"), key=_written)[-1:]
    words: list[str] = []
    for path in sorted([*folder.glob("start.txt"), *newest], key=_written):
        text = _last_text(path).splitlines()
        words += text if path.suffix == ".txt" else [message for line in text if (message := _message(line))]
    return "\n".join(words[-lines:])


def prune(folder: Path, budget: int = BUDGET) -> None:
    """Delete the oldest log files until the rest take at most `budget` bytes."""
    total = 0
    for path in sorted(folder.iterdir(), key=_written, reverse=True):
        total += path.stat().st_size
        if total > budget:
            path.unlink()


def _written(path: Path) -> float:
    return path.stat().st_mtime


def _last_text(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")


def _message(line: str) -> str | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None  # the first line is cut in the middle: only the end of the file was read
    details = "; ".join(record[key] for key in ("detail", "hint") if key in record)
    return f"{record['timestamp']} {record['error_severity']}: {record['message']}" + (
        f" ({details})" if details else ""
    )
