"""Make one line of one look: to show a page the region may ask several databases, and each records that."""

from collections.abc import Iterable, Iterator
from typing import Final

from trustmed.audit.actions import Action
from trustmed.region.disclosures.model import Look

OF_ONE_DOCUMENT: Final = (
    Action.RECORD_BODY,
    Action.REGISTRY_DOCUMENT,
    Action.RECORD_DOCUMENT,
    Action.RECORD_SIGNATURES,
)
"""Steps of reading one document, the most telling first: of those of one look, the first is shown."""


def one_line_each(looks: Iterable[Look]) -> list[Look]:
    """Return the looks without those that belong to another, in the same order.

    The same act of the same reader is one look in a minute of the clock, as it is at a site (`audit.tell`).
    """
    lines: dict[object, Look] = {}
    for look in looks:
        key = _key(look)
        shown = lines.setdefault(key, look)
        if _rank(look) < _rank(shown):
            lines[key] = look
    return list(_in_order(lines.values()))


def _key(look: Look) -> object:
    if look.channel == "site":
        return look.id  # the site has made one line of them already
    act = "document" if look.action in OF_ONE_DOCUMENT else look.action
    minute = look.at.replace(second=0, microsecond=0)
    return (
        minute,
        look.actor_name,
        look.organization_id,
        look.channel,
        act,
        look.ground,
        look.detail,
        look.document_id,
    )


def _rank(look: Look) -> int:
    return next((number for number, action in enumerate(OF_ONE_DOCUMENT) if action == look.action), 0)


def _in_order(looks: Iterable[Look]) -> Iterator[Look]:
    yield from sorted(looks, key=lambda one: (one.at, one.id), reverse=True)
