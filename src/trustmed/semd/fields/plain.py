"""Fields of one value: words, a day, a row of a dictionary."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from trustmed.semd.cda.vocabulary import Key
from trustmed.semd.document import Coded
from trustmed.semd.fields.field import FILL_IN, Field, Lack
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words


class Text(Field, frozen=True):
    """Words in as many lines as it takes; if left blank and not `required`, the document does not mention it."""

    widget: ClassVar[str] = "text"

    height: int = 3
    required: bool = False

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        return _tidy(self.name, given)

    def document_value(self, value: str, rows: Rows) -> str | None:
        return value if self.required else value.strip() or None

    def lacks(self, value: str, rows: Rows) -> Iterator[Lack]:
        if self.required and not value.strip():
            yield Lack(self.name, FILL_IN)


class Line(Field, frozen=True):
    """Words in one line, with a hint below."""

    widget: ClassVar[str] = "line"

    hint: Words | None = None

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        return _tidy(self.name, given)

    def document_value(self, value: str, rows: Rows) -> str | None:
        return value.strip() or None


class Day(Field, frozen=True):
    """A day, with a hint below."""

    widget: ClassVar[str] = "day"

    hint: Words | None = None

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        return {self.name: given.get(self.name, "").strip() or None}


class OneOf(Field, frozen=True):
    """A row of `dictionary`, named by OID. `among`: the codes the page offers; empty: all.

    `empty`: the page's words for choosing no row, which is allowed only if they are given.
    """

    widget: ClassVar[str] = "one_of"

    dictionary: str
    empty: Words | None = None
    among: tuple[str, ...] = ()

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        return _tidy(self.name, given)

    def shown_lists(self) -> tuple[str, ...]:
        return (self.dictionary,)

    def offered(self, rows: Iterable[Coded], chosen: str) -> list[Coded]:
        """Return the dictionary's rows that the page offers; the row chosen before is always among them."""
        return [row for row in rows if not self.among or row.code in (*self.among, chosen)]

    def chosen(self, value: str) -> Iterator[Key]:
        yield self.dictionary, value

    def document_value(self, value: str, rows: Rows) -> Coded | None:
        return rows.get_choice(self.dictionary, value, self.label) if value or self.empty is None else None


def _tidy(name: str, given: Mapping[str, str]) -> dict[str, object]:
    return {name: given[name].replace("\r\n", "\n").strip()} if name in given else {}
