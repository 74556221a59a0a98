"""Where in a TOML file a key stands: tomllib tells values only."""

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=(.*)$")
_QUOTES = ('"""', "'''")


def key_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every table header and key of a valid TOML text.

    >>> key_lines('[[site]]\\nname = "a"\\n[[site]]\\n')
    {('site', 0): 1, ('site', 0, 'name'): 2, ('site', 1): 3}
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            inside = None if inside in line else inside
            continue
        if header := _HEADER.match(line):
            table = _table(_names(header[2]), header[1] == "[[", counts)
            found[table] = number
        elif key := _KEY.match(line):
            found[(*table, *_names(key[1]))] = number
            inside = _opened(key[2])
    return found


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of the nearest thing that stands in the file: the key, or the table it is in. 1 for the file itself."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _table(names: Path, repeated: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for position, name in enumerate(names):
        path = (*path, name)
        if repeated and position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _opened(value: str) -> str | None:
    return next((quote for quote in _QUOTES if value.count(quote) % 2), None)
