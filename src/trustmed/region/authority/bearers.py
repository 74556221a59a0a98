"""Whom a certificate may be issued to: a site of the topology; others by any name, for organisations that exist."""

from trustmed.authority.names import KINDS, NAME, Names
from trustmed.region.authority.errors import BearerUnknown
from trustmed.region.authority.issuing import Wish
from trustmed.topology.file.spec import Topology, UnknownSite

MOST_DAYS = 3650


def check_bearer(topology: Topology, wish: Wish) -> None:
    """Raise BearerUnknown unless the topology allows this certificate."""
    names = wish.names
    if names.kind not in KINDS or not NAME.fullmatch(names.name):
        raise BearerUnknown(
            f"«{names.label}»: вид — {', '.join(KINDS)}; имя — строчные латинские буквы, цифры, точка, _ и -",
            f"{names.label!r}: the kind is one of {', '.join(KINDS)}; the name of a-z, 0-9, dot, _ and -",
        )
    if not wish.uses or not 1 <= wish.days <= MOST_DAYS:
        raise BearerUnknown(f"срок от 1 до {MOST_DAYS} дней", f"from 1 to {MOST_DAYS} days")
    if names.kind == "site":
        _check_site(topology, wish)
    for number in names.organizations:
        if topology.organization(number) is None:
            raise BearerUnknown(f"организации {number} нет в топологии", f"the topology has no organisation {number}")


def names_now(topology: Topology, names: Names) -> Names:
    """Return whom a renewed certificate names: a site no longer speaks for organisations that have left it.

    Organisations that came to a site need a new code: nothing a certificate allows grows by renewal. Raises
    BearerUnknown if the topology has no such site.
    """
    if names.kind == "site":
        try:
            present = {one.id for one in topology.site_named(names.name).organization}
        except UnknownSite as error:
            raise BearerUnknown(error.ru.rstrip("."), error.en.rstrip(".")) from error
    else:
        present = {number for number in names.organizations if topology.organization(number)}
    return Names(names.kind, names.name, tuple(sorted(present & set(names.organizations))))


def _check_site(topology: Topology, wish: Wish) -> None:
    try:
        site = topology.site_named(wish.names.name)
    except UnknownSite as error:
        raise BearerUnknown(error.ru.rstrip("."), error.en.rstrip(".")) from error
    if not set(wish.names.organizations) <= {one.id for one in site.organization}:
        raise BearerUnknown(
            f"у площадки «{site.name}» другие организации", f"site {site.name!r} has other organisations"
        )
