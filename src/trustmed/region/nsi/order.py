"""The order of versions, by the numbers between dots, so that 7.9 comes before 7.10."""

import re
from typing import Final

VERSION: Final = re.compile(r"\d{1,9}(\.\d{1,9})*", re.ASCII)
OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)


def is_version(text: str) -> bool:
    return VERSION.fullmatch(text) is not None


def is_oid(text: str) -> bool:
    return OID.fullmatch(text) is not None


def version_order(version: str) -> tuple[int, ...]:
    """Return a key to sort versions by."""
    return tuple(map(int, version.split(".")))


def oid_order(oid: str) -> tuple[int, ...]:
    """Return a key to sort OIDs by."""
    return tuple(map(int, oid.split(".")))
