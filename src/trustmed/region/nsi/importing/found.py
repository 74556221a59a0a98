"""Find what is to be imported: files recognised by name, in order of version."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from trustmed.region.nsi.files.refusals import NothingToImport
from trustmed.region.nsi.order import in_order, is_oid, oid_in_order

NAME: Final = re.compile(r"(?P<oid>[\d.]+)_(?P<version>\d+(?:\.\d+)*)(?:_csv|_json)?(?:\.zip|\.csv)?", re.ASCII)


class Found(msgspec.Struct, frozen=True):
    """A file or folder with one version. Its name gives `oid` (or an alias) and `version`; None if it says nothing."""

    path: Path
    oid: str | None = None
    version: str | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Return a key to sort by: OID, then version; files whose names say nothing come last."""
        if self.oid is None or self.version is None:
            return (1, self.path.name)
        return (0, oid_in_order(self.oid), in_order(self.version), self.path.name)


def found_at(paths: Iterable[Path]) -> tuple[Found, ...]:
    """Return all that can be imported at these paths, older versions first. Raises NothingToImport naming the path."""
    found: dict[Path, Found] = {}
    for path in paths:
        here = tuple(_at(path))
        if not here:
            raise NothingToImport(str(path))
        found.update((one.path.resolve(), one) for one in here)
    return tuple(sorted(found.values(), key=lambda one: one.place))


def _at(path: Path) -> Iterator[Found]:
    if path.is_file() or _is_bundle(path):
        yield _named(path)
    elif path.is_dir():
        for item in sorted(path.iterdir()):
            if item.suffix.lower() in (".zip", ".csv") or (item.is_dir() and _is_bundle(item)):
                yield _named(item)


def _is_bundle(path: Path) -> bool:
    return (path / "passport.json").is_file() and (path / "part1.json").is_file()


def _named(path: Path) -> Found:
    named = NAME.fullmatch(path.name)
    if named is None or not is_oid(named["oid"]):
        return Found(path)
    return Found(path, named["oid"], named["version"])
