"""Every cookie that a program makes is Secure behind https, bound to its site, and closed to scripts."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3] / "src" / "trustmed"
FOR_SCRIPTS: Final = {"i18n.COOKIE"}
"""The language is no secret."""


def test_every_cookie_states_how_it_is_protected() -> None:
    found = list(_cookies())
    assert len(found) >= 4
    assert [where for where, given in found if not {"secure", "samesite"} <= given.keys()] == []
    assert [where for where, given in found if "httponly" not in given and given["key"] not in FOR_SCRIPTS] == []


def _cookies() -> Iterator[tuple[str, dict[str, str]]]:
    for path in ROOT.rglob("*.py"):
        if "demo" in path.relative_to(ROOT).parts:
            continue
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Cookie":
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                yield where, {word.arg or "": ast.unparse(word.value) for word in call.keywords}
