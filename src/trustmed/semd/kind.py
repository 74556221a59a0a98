"""A document kind as one value: everything that signing, upload, pages and interfaces need to know of it."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from lxml import etree

from trustmed.semd.cda import header, vocabulary
from trustmed.semd.cda.active import refuse_active
from trustmed.semd.cda.elements import NAMESPACES, Element, add, tag
from trustmed.semd.document import Dossier
from trustmed.semd.fields.field import Card, Form, Lack, Page, fields_of
from trustmed.semd.refusals import FieldRefused, refuse_unwritable
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words


class Kind(msgspec.Struct, frozen=True):
    """A kind of dictionary 1520, by its `number` there.

    `form` is what a person enters (by codes), `body` what the document says (with dictionary rows): each attribute of
    `body` is a field of `page` of the same name. `add_body` writes the sections into `structuredBody`; it may use
    `sections` (codes of 99.2.197) and `observations` (of 99.2.166). `rules` compare fields with each other and with the
    card. A document is stored only with the signatures of all the roles in `signers`.
    """

    number: str
    title: Words
    header: header.Header
    form: type[Form]
    body: type[msgspec.Struct]
    page: Page
    sections: tuple[str, ...]
    observations: tuple[str, ...]
    add_body: Callable[[Element, Dossier[Any]], None]
    rules: tuple[Callable[[Any, Card], Iterator[Lack]], ...] = ()
    signers: frozenset[str] = frozenset(("doctor", "organization"))


def rows_of(kind: Kind) -> tuple[vocabulary.Key, ...]:
    """Return every dictionary row that `build` looks up in `Dossier.dictionaries`."""
    return (
        *header.rows_of(kind.header),
        *((vocabulary.SECTIONS, code) for code in kind.sections),
        *((vocabulary.FIELDS, code) for code in kind.observations),
    )


def chosen(kind: Kind, form: Form) -> Iterator[vocabulary.Key]:
    """Yield every dictionary row that the form names."""
    for field in fields_of(kind.page):
        yield from field.chosen(getattr(form, field.name))


def body_of(kind: Kind, form: Form, rows: Rows) -> msgspec.Struct:
    """Return the body of the document that the form describes. Raises DossierIncomplete."""
    in_body = (field for field in fields_of(kind.page) if field.name in kind.body.__struct_fields__)
    return kind.body(**{field.name: field.document_value(getattr(form, field.name), rows) for field in in_body})


def lacks(kind: Kind, form: Form, card: Card, rows: Rows) -> Iterator[Lack]:
    """Yield everything that keeps the document from being built, so that a page can show all of it at once.

    `build` checks again and has the last word. `rows` holds the rows of `chosen` that exist.
    """
    for field in fields_of(kind.page):
        yield from field.lacks(getattr(form, field.name), rows)
    for rule in kind.rules:
        yield from rule(form, card)


def build(kind: Kind, dossier: Dossier[Any]) -> bytes:
    """Return the document as UTF-8 bytes with an XML declaration; the same value always gives the same bytes.

    Raises FieldRefused naming the field that cannot be written as given, vocabulary.EntryMissing for a dictionary row
    that `dossier.dictionaries` lacks, active.ActiveContent for words that another program may take for a script.
    Whether the ministry's rules are met is for `trustmed.semd.rules.check` to say.
    """
    try:
        return _build(kind, dossier)
    except FieldRefused as refused:
        raise _as_on_the_page(kind, refused) from None


def _build(kind: Kind, dossier: Dossier[Any]) -> bytes:
    refuse_unwritable(dossier)
    root = etree.Element(tag("ClinicalDocument"), nsmap=NAMESPACES)
    header.add_header(root, dossier, kind.header)
    kind.add_body(add(add(root, "component"), "structuredBody"), dossier)
    _indent(root, 0)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    refuse_active(content)
    return content


def _as_on_the_page(kind: Kind, refused: FieldRefused) -> FieldRefused:
    names = {f"form.{field.name}": field.label.ru for field in fields_of(kind.page)}
    return FieldRefused(refused.field, *refused.reason, names.get(refused.field))


def _indent(element: Element, depth: int) -> None:
    """Put each element on a line of its own, except inside narrative text, where white space is content."""
    if len(element) == 0 or element.tag == tag("text"):
        return
    element.text = "\n" + "  " * (depth + 1)
    for child in element:
        _indent(child, depth + 1)
        child.tail = "\n" + "  " * (depth + 1)
    element[-1].tail = "\n" + "  " * depth
