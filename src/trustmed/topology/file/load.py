"""Read `region.toml`. A bad file is refused as a whole, with every problem found: line, key, what is permitted."""

import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from trustmed.errors import InputRefused
from trustmed.topology.file import lines
from trustmed.topology.file.meaning import meaning_problems
from trustmed.topology.file.problem import Problem
from trustmed.topology.file.spec import Topology


class TopologyRefused(InputRefused):
    """The file does not describe a region. `problems` are in order of lines."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            f"Файл топологии {path} не принят:\n" + "\n".join(f"  {p.place('ru')}: {p.ru}" for p in problems),
            f"Topology file {path} is refused:\n" + "\n".join(f"  {p.place('en')}: {p.en}" for p in problems),
        )
        self.problems = problems


def load(path: Path | str) -> Topology:
    """Read the topology that a TOML file describes. Raises TopologyRefused."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")  # editors on Windows begin a file with a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem((), 1, f"файл не читается: {error}", f"the file cannot be read: {error}")
        raise TopologyRefused(path, (problem,)) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Topology:
    """Read the topology from the text of a file. Its relative paths start beside `path`, which errors name."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopologyRefused(path, (_syntax(text, error),)) from error
    where = lines.key_lines(text)
    problems = tuple(_shape(content, Topology, ()))
    if not problems:
        topology = msgspec.structs.replace(msgspec.convert(content, Topology), folder=path.resolve().parent)
        problems = tuple(meaning_problems(topology))
        if not problems:
            return topology
    placed = (msgspec.structs.replace(problem, line=lines.line_of(where, problem.path)) for problem in problems)
    raise TopologyRefused(path, tuple(sorted(placed, key=lambda problem: problem.line)))


def _syntax(text: str, error: tomllib.TOMLDecodeError) -> Problem:
    # Python 3.14 gives the line as an attribute; before that it is only in the message.
    message = str(error)
    _, _, place = message.rpartition("(at line ")
    number = place.split(",")[0]
    line = int(number) if number.isdigit() else len(text.splitlines()) or 1
    return Problem((), line, f"это не TOML: {message}", f"not TOML: {message}")


def _shape(table: Any, struct: type[msgspec.Struct], path: lines.KeyPath) -> Iterator[Problem]:
    """Find unknown keys, missing keys and values of a wrong type in a table and the tables within it."""
    if not isinstance(table, dict):
        yield Problem(path, 0, "здесь должна быть таблица", "a table is needed here")
        return
    fields = {field.name: field for field in msgspec.structs.fields(struct) if field.name != "folder"}
    for key in table.keys() - fields.keys():
        known = ", ".join(fields)
        yield Problem(
            (*path, key), 0, f"неизвестный ключ «{key}»; допустимы: {known}", f"unknown key {key!r}; permitted: {known}"
        )
    for name, field in fields.items():
        if name in table:
            yield from _value(table[name], field.type, (*path, name))
        elif field.required:
            kind_ru, kind_en = _permitted(field.type)
            yield Problem(
                path, 0, f"нет обязательного ключа «{name}» ({kind_ru})", f"key {name!r} is missing ({kind_en})"
            )


def _value(value: Any, kind: Any, path: lines.KeyPath) -> Iterator[Problem]:
    inner = _struct_in(kind)
    if inner and typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            yield Problem(path, 0, f"нужны таблицы [[{path[-1]}]]", f"tables [[{path[-1]}]] are needed")
            return
        for index, item in enumerate(value):
            yield from _shape(item, inner, (*path, index))
    elif inner:
        yield from _shape(value, inner, path)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            ru, en = _permitted(kind)
            yield Problem(path, 0, f"значение {value!r} не подходит; {ru}", f"value {value!r} is not accepted; {en}")


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct that a field holds: itself, in a tuple, or optional."""
    for part in typing.get_args(kind) or (kind,):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _permitted(kind: Any) -> tuple[str, str]:
    if typing.get_origin(kind) is Literal:
        values = ", ".join(typing.get_args(kind))
        return f"допустимо: {values}", f"permitted: {values}"
    if typing.get_origin(kind) is tuple:
        ru, en = _permitted(typing.get_args(kind)[0])
        return f"нужен список [ … ]; {ru}", f"a list [ … ] is needed; {en}"
    if typing.get_origin(kind) is types.UnionType:
        return _permitted(typing.get_args(kind)[0])
    if _struct_in(kind):
        return "допустимо: таблица", "permitted: a table"
    if kind is bool:
        return "допустимо: true, false", "permitted: true, false"
    if kind is int:
        return "допустимо: целое число", "permitted: a whole number"
    return "допустимо: строка в кавычках", "permitted: a quoted string"
