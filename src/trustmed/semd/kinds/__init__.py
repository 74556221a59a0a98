"""Document kinds: one file for each kind; only KINDS imports these files."""

from typing import Final

from trustmed.errors import InputRefused
from trustmed.semd.kind import Kind
from trustmed.semd.kinds import consultation

KINDS: Final[dict[str, Kind]] = {kind.number: kind for kind in (consultation.KIND,)}
"""Every kind that can be written here, by its number in dictionary 1520, in the order in which pages offer them."""

USUAL: Final = consultation.KIND
"""The kind that is written when a program names none."""


class KindUnknown(InputRefused):
    """Documents of this kind cannot be written here."""

    def __init__(self, number: str) -> None:
        known = ", ".join(KINDS)
        super().__init__(
            f"Документы вида «{number}» здесь не составляются. Укажите один из видов: {known}.",
            f"Documents of kind {number!r} are not written here. Name one of the kinds: {known}.",
        )


def find_kind(number: str) -> Kind:
    """Return the kind with this number in dictionary 1520. Raises KindUnknown."""
    try:
        return KINDS[number]
    except KeyError:
        raise KindUnknown(number) from None


def find_kind_of_template(template: str) -> Kind | None:
    """Return the kind whose documents have this OID as their templateId."""
    return next((kind for kind in KINDS.values() if kind.header.template == template), None)
