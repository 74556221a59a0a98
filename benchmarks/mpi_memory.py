"""The matcher's index in memory: what PostgreSQL does in the product, for measuring accuracy alone."""

from pathlib import Path
from uuid import UUID

import numpy as np

from benchmarks.population.register import profiles
from trustmed.matching.decide import Candidate
from trustmed.matching.keys import deep_probes_of, probes_of
from trustmed.matching.profile import Profile, unpack

MOST = 500  # rows of one key that are looked at


class MemoryIndex:
    """Sorted keys and packed profiles of one population."""

    def __init__(self, folder: Path) -> None:
        pairs = np.concatenate([np.fromfile(file, np.int64).reshape(-1, 2) for file in sorted(folder.glob("*.keys"))])
        order = np.argsort(pairs[:, 0], kind="stable")
        self._keys = np.ascontiguousarray(pairs[order, 0])
        self._rows = pairs[order, 1].astype(np.int32)
        self._packed = list(profiles(folder))

    def __len__(self) -> int:
        return len(self._packed)

    def profile(self, truth: int) -> Profile:
        return unpack(self._packed[truth])

    def retrieve(self, profile: Profile, deep: bool) -> list[Candidate]:
        """Return the candidates that the first stage's keys find or, if `deep`, those of the second stage alone."""
        probes = np.array(deep_probes_of(profile) if deep else probes_of(profile), np.int64)
        first, last = np.searchsorted(self._keys, probes, "left"), np.searchsorted(self._keys, probes, "right")
        rows: set[int] = set()
        for start, end in zip(first.tolist(), last.tolist(), strict=True):
            rows.update(self._rows[start : min(end, start + MOST)].tolist())
        return [Candidate(person(row), row, unpack(self._packed[row])) for row in sorted(rows)]


def person(truth: int) -> UUID:
    """Return the id of the person with this number."""
    return UUID(int=truth + 1)
