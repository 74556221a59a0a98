"""Kinds of documents: one file a kind, which nothing but KINDS names."""

from typing import Final

from trustmed.errors import InputRefused
from trustmed.semd.kind import Kind
from trustmed.semd.kinds import consultation

KINDS: Final[dict[str, Kind]] = {kind.number: kind for kind in (consultation.KIND,)}
"""Every kind that is written here, by its number in dictionary 1520, in the order in which pages offer them."""

USUAL: Final = consultation.KIND
"""What is written where a program does not say which kind it wants."""


class KindUnknown(InputRefused):
    """No document of this kind is written here."""

    def __init__(self, number: str) -> None:
        known = ", ".join(KINDS)
        super().__init__(
            f"Документы вида «{number}» здесь не составляются. Укажите один из видов: {known}.",
            f"Documents of kind {number!r} are not written here. Name one of the kinds: {known}.",
        )


def find_kind(number: str) -> Kind:
    """Raises KindUnknown."""
    try:
        return KINDS[number]
    except KeyError:
        raise KindUnknown(number) from None


def find_kind_of_template(template: str) -> Kind | None:
    """The kind whose documents name this OID as their templateId."""
    return next((kind for kind in KINDS.values() if kind.header.template == template), None)
