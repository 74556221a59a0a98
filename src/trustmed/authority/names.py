"""What a certificate says of its bearer: URIs among its alternative names (RFC 5280 §4.2.1.6).

`urn:trustmed:site:hospital` says kind and name, each `urn:trustmed:organization:101` an organisation it speaks for.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, cast, get_args

import msgspec

Kind = Literal["site", "program", "portal", "gateway"]
Use = Literal["client", "server"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
PREFIX: Final = "urn:trustmed:"
NAME: Final = re.compile(
    r"[a-z0-9][a-z0-9_.-]{0,55}"
)  # with the kind before it, it fits the 64 characters of a common name
_ORGANIZATION: Final = "organization"


class Names(msgspec.Struct, frozen=True, order=True):
    """Who somebody is: the kind, the name, and the organisations (by id in the topology) spoken for."""

    kind: Kind
    name: str
    organizations: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """Return kind and name as people and audit trails write them."""
        return f"{self.kind}:{self.name}"


def uris_of(names: Names) -> list[str]:
    """Return the URIs that say it."""
    return [
        f"{PREFIX}{names.kind}:{names.name}",
        *(f"{PREFIX}{_ORGANIZATION}:{number}" for number in sorted(names.organizations)),
    ]


def find_names(uris: Iterable[str]) -> Names | None:
    """Return what these URIs say; None unless they name exactly one bearer. URIs of other sorts are passed over."""
    bearers, organizations = set(), set()
    for uri in uris:
        if not uri.startswith(PREFIX):
            continue
        kind, _, name = uri.removeprefix(PREFIX).partition(":")
        if kind == _ORGANIZATION and name.isascii() and name.isdecimal():
            organizations.add(int(name))
        elif kind in KINDS and NAME.fullmatch(name):
            bearers.add((kind, name))
        else:
            return None  # one that we should understand and do not: nothing is guessed about whose it is
    if len(bearers) != 1:
        return None
    kind, name = bearers.pop()
    return Names(cast(Kind, kind), name, tuple(sorted(organizations)))
