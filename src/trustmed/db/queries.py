"""Named queries: `queries.sql` beside the code that owns them.

A block is headed `-- name: find_patient`, then comment lines, then one statement. Parameters are psycopg's
`%(name)s`. `load(__package__)` reads the file once; a query looked up at import fails there if it is missing.
"""

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

HEADING = re.compile(r"^-- name: (\w+)(?: within (\w+))?[ \t]*$", re.MULTILINE)
ROWS = "{rows}"


class Queries:
    """The queries of one package; `queries["find_patient"]` is a LiteralString that psycopg accepts."""

    def __init__(self, package: str, by_name: dict[str, LiteralString]) -> None:
        self.package = package
        self._by_name = by_name

    def __getitem__(self, name: str) -> LiteralString:
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"no query {name!r} in {self.package}/queries.sql") from None

    def __iter__(self):
        return iter(self._by_name.items())


@cache
def load(package: str) -> Queries:
    """Return the queries of `package`. The file is part of the program: hence the only cast to LiteralString."""
    text = (files(package) / "queries.sql").read_text("utf-8")
    parts = HEADING.split(text)[1:]
    names, frames, bodies = parts[::3], parts[1::3], [body.strip() for body in parts[2::3]]
    if len(set(names)) != len(names):
        raise ValueError(f"a query is named twice in {package}/queries.sql")
    whole = dict(zip(names, bodies, strict=True))
    for name, frame in zip(names, frames, strict=True):
        if frame:
            whole[name] = whole[frame].replace(ROWS, whole[name].removesuffix(";"))
    queries: dict[str, LiteralString] = {
        name: cast(LiteralString, body) for name, body in whole.items() if name not in frames
    }
    return Queries(package, queries)
