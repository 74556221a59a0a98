"""What `[region.citizens]` says: whose tokens tell the region who the citizen is."""

import re
from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from trustmed.topology.file.problem import Problem

Algorithm = Literal["RS256", "ES256", "GOST3410_2012_256"]
PATH: Final = ("region", "citizens")
LOOPBACK: Final = re.compile(r"127(\.\d{1,3}){3}|localhost|::1")


class CitizenClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the token's claims. A name within another claim is a path: `urn:esia:sbj/urn:esia:sbj:lvl`."""

    snils: str = "snils"
    surname: str = "family_name"
    given_name: str = "given_name"
    patronymic: str = "middle_name"
    birth_date: str = "birthdate"
    level: str = "acr"


class Citizens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider of citizens' tokens (OpenID Connect, as ЕСИА).

    `keys`: the address of its JWKS, or a file beside region.toml (JWKS, or PEM with keys or certificates).
    `levels`: the values of claim `level` that are good enough for medical data.
    `address`: how portals address the region, if that is not what its own requests say (behind a proxy).
    """

    issuer: str
    keys: str
    levels: tuple[str, ...]
    algorithms: tuple[Algorithm, ...] = ("RS256", "ES256")
    claims: CitizenClaims = CitizenClaims()
    longest_age_seconds: int = 3600
    leeway_seconds: int = 60
    address: str | None = None

    @property
    def keys_address(self) -> str | None:
        """The address of the keys; None if they are in a file."""
        return self.keys if "://" in self.keys else None


def citizens_problems(citizens: Citizens | None) -> Iterator[Problem]:
    """Find what would let strangers in, or nobody."""
    if citizens is None:
        return
    for name in ("issuer", "keys"):
        if not getattr(citizens, name).strip():
            yield Problem((*PATH, name), 0, "пустая строка не подходит", "an empty string is not accepted")
    if not citizens.levels or not all(citizens.levels):
        yield Problem(
            (*PATH, "levels"),
            0,
            "назовите хотя бы один уровень, например подтверждённой записи",
            "name at least one level, such as that of a confirmed account",
        )
    if not citizens.algorithms:
        yield Problem((*PATH, "algorithms"), 0, "назовите хотя бы один алгоритм", "name at least one algorithm")
    for name, least, most in (("longest_age_seconds", 60, 86_400), ("leeway_seconds", 0, 300)):
        if not least <= getattr(citizens, name) <= most:
            yield Problem((*PATH, name), 0, f"допустимо: от {least} до {most}", f"permitted: from {least} to {most}")
    for name in ("keys_address", "address"):
        address = getattr(citizens, name)
        if address and not _is_safe(address):
            yield Problem(
                (*PATH, name.partition("_")[0]),
                0,
                f"«{address}»: нужен адрес https:// (http:// — только этой же машины)",
                f"{address!r}: an https:// address is needed (http:// only of this machine)",
            )


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        here = parts.scheme == "http" and bool(LOOPBACK.fullmatch(parts.hostname or ""))
        return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or here)
    except ValueError:
        return False
