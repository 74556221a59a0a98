"""The lines of keys in a TOML file: tomllib returns values only."""

import re

KeyPath = tuple[str | int, ...]
"""Leads to a key: names, and indices (from 0) of repeated tables and items of lists."""

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_NAME = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([A-Za-z0-9_-]+)")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(r"\"\"\"(?:[^\\]|\\.)*?\"\"\"\"{0,2}|'''.*?''''{0,2}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'", re.DOTALL)
_PLAIN = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every table, key and list item in a valid TOML text, inline ones included.

    >>> key_lines('[[site]]\\nname = "a"\\n[[site]]\\nplace = { x = 1 }\\n')
    {('site', 0): 1, ('site', 0, 'name'): 2, ('site', 1): 3, ('site', 1, 'place'): 4, ('site', 1, 'place', 'x'): 4}
    """
    return _Walk(text).found


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Return the line of the key or, if it is missing, of the nearest table around it; 1 for the file itself."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walk:
    """One pass over the text, which tomllib has found valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        table: KeyPath = ()
        while self._skip():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self) -> bool:
        """Go to the next token; return False at the end of the text."""
        if space := _SPACE.match(self.text, self.at):
            self.at = space.end()
        return self.at < len(self.text)

    def _mark(self, path: KeyPath) -> None:
        self.found[path] = self.text.count("\n", 0, self.at) + 1

    def _header(self) -> KeyPath:
        repeated = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if repeated else 1
        self._skip()
        table = self._table(self._names(), repeated)
        end, self.at = self.text.index("]", self.at) + (2 if repeated else 1), start
        self._mark(table)
        self.at = end
        return table

    def _table(self, names: KeyPath, repeated: bool) -> KeyPath:
        path: KeyPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            if repeated and position == len(names) - 1:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _names(self) -> KeyPath:
        names: list[str] = []
        while name := _NAME.match(self.text, self.at):
            names.append(next(part for part in name.groups() if part is not None))
            self.at = name.end()
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                break
            self.at = dot.end()
        return tuple(names)

    def _pair(self, table: KeyPath) -> None:
        start = self.at
        path = (*table, *self._names())
        end, self.at = self.text.index("=", self.at) + 1, start
        self._mark(path)
        self.at = end
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip()
        if self.text[self.at] in "[{":
            self._inside(path, "]" if self.text[self.at] == "[" else "}")
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        elif plain := _PLAIN.match(self.text, self.at):
            self.at = plain.end()

    def _inside(self, path: KeyPath, closing: str) -> None:
        self.at += 1
        index = 0
        while self._skip() and self.text[self.at] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "}":
                self._pair(path)
            else:
                self._mark((*path, index))
                self._value((*path, index))
                index += 1
        self.at += 1
