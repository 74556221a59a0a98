"""Find what is to be imported: files recognised by name, in order of version."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from trustmed.region.nsi.files.refusals import NothingToImport
from trustmed.region.nsi.order import is_oid, oid_order, version_order

NAME: Final = re.compile(r"(?P<oid>[\d.]+)_(?P<version>\d+(?:\.\d+)*)(?:_csv|_json)?(?:\.zip|\.csv)?", re.ASCII)


class Source(msgspec.Struct, frozen=True):
    """A file or folder with one version. Its name gives `oid` (or an alias) and `version`; None if it says nothing."""

    path: Path
    oid: str | None = None
    version: str | None = None

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Return a key to sort by: OID, then version; files whose names say nothing come last."""
        if self.oid is None or self.version is None:
            return (1, self.path.name)
        return (0, oid_order(self.oid), version_order(self.version), self.path.name)


def find_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Return all that can be imported at these paths, older versions first. Raises NothingToImport naming the path."""
    sources: dict[Path, Source] = {}
    for path in paths:
        here = tuple(_sources_at(path))
        if not here:
            raise NothingToImport(str(path))
        sources.update((one.path.resolve(), one) for one in here)
    return tuple(sorted(sources.values(), key=lambda one: one.sort_key))


def _sources_at(path: Path) -> Iterator[Source]:
    if path.is_file() or _is_bundle(path):
        yield _recognise(path)
    elif path.is_dir():
        for item in sorted(path.iterdir()):
            if item.suffix.lower() in (".zip", ".csv") or (item.is_dir() and _is_bundle(item)):
                yield _recognise(item)


def _is_bundle(path: Path) -> bool:
    return (path / "passport.json").is_file() and (path / "part1.json").is_file()


def _recognise(path: Path) -> Source:
    found = NAME.fullmatch(path.name)
    if found is None or not is_oid(found["oid"]):
        return Source(path)
    return Source(path, found["oid"], found["version"])
