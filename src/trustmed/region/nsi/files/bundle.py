"""Open what a version is read from: the files of a zip or of a folder, or one CSV file."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from trustmed.region.nsi.files.refusals import (
    ArchiveHasOther,
    ArchiveTooLarge,
    NotAnArchive,
    NotReadable,
    PagesCut,
    Where,
)

PART: Final = re.compile(r"part(\d+)\.json", re.ASCII)
MEGABYTE: Final = 1024 * 1024
LARGEST_MB: Final = 1024
HIGHEST_RATIO: Final = 200  # of compression; real pages are compressed about twentyfold
SMALL_MB: Final = 16  # an archive up to this size may be compressed in any ratio

Files = Mapping[str, bytes]


class Bundle(msgspec.Struct, frozen=True):
    """The raw content of a version: either pages (in order) or one `csv`. A CSV may come without a `passport`."""

    where: Where
    passport: bytes | None
    pages: tuple[tuple[str, bytes], ...] = ()
    csv: tuple[str, bytes] | None = None


def open_bundle(path: Path) -> Bundle:
    """Read a zip, a folder or a CSV file.

    Raises NotReadable, NotAnArchive, ArchiveTooLarge, ArchiveHasOther, PagesCut (a page between others is missing).
    """
    where = Where(path.name)
    try:
        if path.is_dir():
            files = {item.name: item.read_bytes() for item in sorted(path.iterdir()) if _is_version_file(item.name)}
            return _bundle_of(files, where)
        if path.suffix.lower() == ".csv":
            beside = path.parent / "passport.json"
            return Bundle(where, beside.read_bytes() if beside.exists() else None, csv=("", path.read_bytes()))
    except OSError as error:
        raise NotReadable(where, error) from error
    return _bundle_of(unpack_zip(path, where), where)


def unpack_zip(path: Path, where: Where) -> dict[str, bytes]:
    """Return the files of a zip by name, with the content of those that can belong to a version.

    Raises NotReadable, NotAnArchive, ArchiveTooLarge.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _check_size(infos, where)
            files: dict[str, bytes] = {}
            for info in infos:
                name = PurePosixPath(info.filename).name
                if name in files:
                    raise NotAnArchive(where, name)
                files[name] = archive.read(info) if _is_version_file(name) else b""
            return files
    except OSError as error:
        raise NotReadable(where, error) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise NotAnArchive(where, str(error)) from error


def _check_size(infos: list[zipfile.ZipInfo], where: Where) -> None:
    """Refuse an archive by the sizes it states; the reader never reads past them, so they can be trusted."""
    size, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if size > LARGEST_MB * MEGABYTE or (size > SMALL_MB * MEGABYTE and size > HIGHEST_RATIO * packed):
        raise ArchiveTooLarge(where, size // MEGABYTE, LARGEST_MB)


def _is_version_file(name: str) -> bool:
    return name == "passport.json" or PART.fullmatch(name) is not None or name.lower().endswith(".csv")


def _bundle_of(files: Files, where: Where) -> Bundle:
    parts = {int(found[1]): name for name in files if (found := PART.fullmatch(name))}
    csv_names = [name for name in files if name.lower().endswith(".csv")]
    passport = files.get("passport.json")
    if len(csv_names) == 1 and not parts:
        return Bundle(where, passport, csv=(csv_names[0], files[csv_names[0]]))
    if passport is None or not parts or csv_names:
        raise ArchiveHasOther(where, files)
    if missing := sorted(set(range(1, max(parts) + 1)) - parts.keys()):
        names = ", ".join(f"part{number}.json" for number in missing)
        raise PagesCut(where, f"нет {names}", f"{names} is missing")
    return Bundle(where, passport, tuple((parts[number], files[parts[number]]) for number in sorted(parts)))
