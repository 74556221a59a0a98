"""What every field of a form can do, and how fields stand on the page."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol

import msgspec

from trustmed.semd.rows import Choice, Rows
from trustmed.semd.words import Words


class Form(msgspec.Struct, frozen=True):
    """What a person enters for a document, by codes. Every kind has its own, each attribute with a default."""


class Card(Protocol):
    """What rules between fields may ask of the patient's card."""

    @property
    def snils(self) -> str | None: ...
    @property
    def enp(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...


class Lack(msgspec.Struct, frozen=True):
    """A field of the page, by its name there, and what to do about it."""

    field: str
    what: Words


FILL_IN = Words("Заполните это поле.", "Fill in this field.")


class Field(msgspec.Struct, frozen=True):
    """A field of the form: `name` is the form's attribute, `label` stands above it on the page.

    A field of another shape is a class of its own here and a macro named as its `widget` in the clinic's `fields.html`.
    """

    widget: ClassVar[str]

    name: str
    label: Words

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        """The form's attribute out of the page's fields; nothing where the page did not have it."""
        raise NotImplementedError

    def shown_lists(self) -> tuple[str, ...]:
        """Choices of which the page shows every row."""
        return ()

    def shown_rows(self) -> Iterator[Choice]:
        """Rows that the page names."""
        yield from ()

    def chosen(self, value: Any) -> Iterator[Choice]:
        """Rows that this value names."""
        yield from ()

    def said(self, value: Any, rows: Rows) -> Any:
        """What the document will say: the value with its dictionary rows. Raises DossierIncomplete."""
        return value

    def lacks(self, value: Any, rows: Rows) -> Iterator[Lack]:
        """What keeps the document from being built; `rows` holds those of `chosen` that exist."""
        yield from ()


class Beside(msgspec.Struct, frozen=True):
    """Fields that stand side by side, as many in a line as there is room for, or `columns`."""

    widget: ClassVar[str] = "beside"

    fields: tuple[Field, ...]
    columns: int | None = None


Page = tuple[Field | Beside, ...]


def fields_of(page: Page) -> tuple[Field, ...]:
    """Every field, in the order of the page."""
    return tuple(field for block in page for field in (block.fields if isinstance(block, Beside) else (block,)))
