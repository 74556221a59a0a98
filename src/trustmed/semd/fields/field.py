"""The interface of a form's field, and the layout of fields on the page."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol

import msgspec

from trustmed.semd.cda.vocabulary import Key
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words


class Form(msgspec.Struct, frozen=True):
    """What a person enters for a document, by codes. Every kind has its own form; every attribute has a default."""


class Card(Protocol):
    """The part of the patient's card that a kind's rules may look at."""

    @property
    def snils(self) -> str | None: ...
    @property
    def enp(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...


class Lack(msgspec.Struct, frozen=True):
    """A field that keeps the document from being built, by its name on the page, and what to do about it."""

    field: str
    what: Words


FILL_IN = Words("Заполните это поле.", "Fill in this field.")


class Field(msgspec.Struct, frozen=True):
    """A field of the form: `name` is the form's attribute, `label` stands above it on the page.

    A new sort of field takes a class here and a macro with the name of its `widget` in the clinic's `fields.html`.
    """

    widget: ClassVar[str]

    name: str
    label: Words

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        """Return the form's attribute, read from the page's fields; empty if the page had no such field."""
        raise NotImplementedError

    def shown_lists(self) -> tuple[str, ...]:
        """Return the dictionaries (OIDs) whose rows the page lists in full."""
        return ()

    def shown_rows(self) -> Iterator[Key]:
        """Yield the rows whose names the page shows."""
        yield from ()

    def chosen(self, value: Any) -> Iterator[Key]:
        """Yield the rows that this value refers to."""
        yield from ()

    def document_value(self, value: Any, rows: Rows) -> Any:
        """Return what the document will say: the value with its dictionary rows. Raises DossierIncomplete."""
        return value

    def lacks(self, value: Any, rows: Rows) -> Iterator[Lack]:
        """Yield what keeps the document from being built; `rows` holds the rows of `chosen` that exist."""
        yield from ()


class Beside(msgspec.Struct, frozen=True):
    """Fields that stand side by side, as many in a line as there is room for, or `columns`."""

    widget: ClassVar[str] = "beside"

    fields: tuple[Field, ...]
    columns: int | None = None


Page = tuple[Field | Beside, ...]


def fields_of(page: Page) -> tuple[Field, ...]:
    """Return every field, in the order of the page."""
    return tuple(field for block in page for field in (block.fields if isinstance(block, Beside) else (block,)))
