"""The invented population as files: made once, in parallel processes, and read by every benchmark of matching.

A block of people is three files: cards as CSV (for any tool), the matcher's packed profiles, and their keys.
"""

import csv
import hashlib
import multiprocessing
import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

import trustmed.matching
import trustmed.patient
from benchmarks.population.people import BLOCK, Someone, block
from trustmed.matching.card import Card
from trustmed.matching.keys import keys_of
from trustmed.matching.profile import Profile, pack, profile_of

COLUMNS = (
    "surname given_name patronymic birth_date sex snils enp identity_kind identity_series identity_number phone address"
).split()
NORMAL = (
    "surname surname_sound given given_name_base given_sound father patronymic born sex snils enp document phone "
    "street house"
).split()
_ASKING = frozenset({"queries", "slips"})  # modules that the register's files do not depend on
_JUDGING = frozenset("compare decide explain likeness model train vocabulary".split())
HOME = Path(__file__).parents[2] / "build" / "population"


def make(seed: int, persons: int) -> Path:
    """Return the folder of this population, making it if it is absent. `persons` is a multiple of the block."""
    folder = HOME / f"{seed}-{persons}"
    blocks = -(-persons // BLOCK)
    done, made_by = folder / "made-by", _digest_of_sources()
    if done.exists() and done.read_text() == made_by:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for written in [pool.submit(write_block, seed, number, folder) for number in range(blocks)]:
            written.result()
    done.write_text(made_by)
    return folder


def _digest_of_sources() -> str:
    """Return a digest of the programs that make the files: when one changes, the files are made anew."""
    rooms = ((Path(__file__).parent, _ASKING), (Path(trustmed.matching.__file__).parent, _JUDGING))
    files = [file for room, but in rooms for file in sorted(room.rglob("*.py")) if file.stem not in but]
    total = hashlib.sha256()
    for file in (*files, *sorted(Path(trustmed.patient.__file__).parent.glob("*.py"))):
        total.update(file.read_bytes())
    return total.hexdigest()


def write_block(seed: int, number: int, folder: Path) -> None:
    people = list(block(seed, number))
    profiles = [profile_of(one.card) for one in people]
    rows = ([one.truth, *(getattr(one.card, column) for column in COLUMNS)] for one in people)
    _write(folder / f"{number:04}.csv", COLUMNS, rows)
    normalised = ([one.truth, *normalised_columns(of)] for one, of in zip(people, profiles, strict=True))
    _write(folder / f"{number:04}.normal.csv", NORMAL, normalised)
    packed = [pack(one) for one in profiles]
    (folder / f"{number:04}.profiles").write_bytes(b"".join(struct.pack("<H", len(one)) + one for one in packed))
    keys = [(key, one.truth) for one, of in zip(people, profiles, strict=True) for key in keys_of(of)]
    (folder / f"{number:04}.keys").write_bytes(b"".join(struct.pack("<qq", *pair) for pair in keys))


def normalised_columns(profile: Profile) -> list[object]:
    """Return the profile as columns for a tool that compares columns; unknown values are empty."""
    born = f"{profile.born // 10000:04}-{profile.born // 100 % 100:02}-{profile.born % 100:02}" if profile.born else ""
    return [
        profile.surname,
        profile.surname_sound,
        profile.given,
        " ".join(profile.given_bases[:1]) or profile.given,
        profile.given_sound,
        profile.father,
        profile.patronymic,
        born,
        profile.sex or "",
        profile.snils if profile.snils_valid else "",
        profile.enp if profile.enp_valid else "",
        profile.document,
        profile.phones[0] if profile.phones else "",
        profile.street,
        profile.house,
    ]


def write_queries(cards: Sequence[Card], folder: Path) -> tuple[Path, Path]:
    """Write queries in the register's two forms, raw and normalised, with their number in place of the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, normalised = folder / "queries.csv", folder / "queries.normal.csv"
    _write(raw, COLUMNS, ([number, *(getattr(card, c) for c in COLUMNS)] for number, card in enumerate(cards)))
    _write(normalised, NORMAL, ([number, *normalised_columns(profile_of(card))] for number, card in enumerate(cards)))
    return raw, normalised


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["truth", *columns])
        writer.writerows(rows)


def profiles(folder: Path, block: str = "*") -> Iterator[bytes]:
    """Yield packed profiles in the order of truths, of all blocks or of one."""
    for file in sorted(folder.glob(f"{block}.profiles")):
        data, at = file.read_bytes(), 0
        while at < len(data):
            (size,) = struct.unpack_from("<H", data, at)
            yield data[at + 2 : at + 2 + size]
            at += 2 + size


class Register:
    """Looks people up by truth without holding a million cards: lines are parsed when asked for."""

    def __init__(self, folder: Path) -> None:
        files = sorted(file for file in folder.glob("*.csv") if ".normal" not in file.name)
        self._lines = [line for file in files for line in file.read_text("utf-8").splitlines()[1:]]

    def __len__(self) -> int:
        return len(self._lines)

    def __call__(self, truth: int) -> Someone:
        (row,) = csv.reader([self._lines[truth]])
        return _someone(row)


def blocks(folder: Path) -> list[str]:
    """Return the names of a population's blocks, in the order of truths."""
    return sorted(file.name.removesuffix(".keys") for file in folder.glob("*.keys"))


def people(folder: Path, block: str) -> Iterator[Someone]:
    """Yield the people of a block."""
    with (folder / f"{block}.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from map(_someone, rows)


def _someone(row: Sequence[str]) -> Someone:
    values = {name: value or None for name, value in zip(COLUMNS, row[1:], strict=True)}
    return Someone(int(row[0]), msgspec.convert(values, Card, strict=False))
