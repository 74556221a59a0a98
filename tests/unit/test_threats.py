"""The pages of threats and of the standard name tests, files and commands: all of them exist."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import typer
from typer.core import TyperGroup

from trustmed.cli import app

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("docs/threats.md", "docs/asvs.md")
ROOTS: Final = (ROOT, ROOT / "tests", ROOT / "src" / "trustmed", ROOT / "docs")
"""A page may leave these out of the path."""
FILE: Final = re.compile(r"`([\w./-]+\.(?:py|sql|md|toml|html|js|css|lock|txt))(?:::(\w+))?`")
LINK: Final = re.compile(r"\]\(([\w./-]+)[)#]")
COMMAND: Final = re.compile(r"`trustmed((?: [a-z][a-z-]*)+)(?:((?: [^`\s]+)*))?`")
ROW: Final = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| [12] \| .+? \| (да / yes|— / n/a|частично / partly|\*\*нет / no\*\*) \| .*\|$",
    re.MULTILINE,
)
NOT_MET: Final = re.compile(r"^\| (\d+\.\d+\.\d+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
REQUIREMENTS: Final = 253
"""Of levels 1 and 2 in version 5.0.0."""
OPTION: Final = re.compile(r"--[a-z-]+")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_test_that_a_page_names_exists(page: str) -> None:
    named = FILE.findall(_text(page))
    assert named
    unknown = [f"{path}::{test}" if test else path for path, test in named if not _is_there(path, test)]
    linked = [path for path in LINK.findall(_text(page)) if not (ROOT / "docs" / path).exists()]
    assert (unknown, linked) == ([], [])


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists(page: str) -> None:
    unknown = [
        f"trustmed{words}{rest}" for words, rest in COMMAND.findall(_text(page)) if not _is_command(words.split(), rest)
    ]
    assert unknown == []


def test_every_requirement_has_its_row_and_the_unmet_ones_stand_at_the_top() -> None:
    rows = ROW.findall(_text("docs/asvs.md"))
    numbers = [tuple(map(int, number.split("."))) for number, _ in rows]
    assert (len(numbers), numbers) == (REQUIREMENTS, sorted(set(numbers)))
    assert NOT_MET.findall(_text("docs/asvs.md")) == [number for number, verdict in rows if "**" in verdict]


def _text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def _is_there(path: str, test: str) -> bool:
    found = next((root / path for root in ROOTS if (root / path).is_file()), None)
    return found is not None and (not test or test in _functions(found))


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_command(words: list[str], rest: str) -> bool:
    """Return whether the words lead to a command (or a group, at the end) that has the options of the rest."""
    command = typer.main.get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup) or word not in command.commands:
            return False
        command = command.commands[word]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return set(OPTION.findall(rest)) <= known
