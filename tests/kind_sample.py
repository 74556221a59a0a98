"""A made-up kind of documents, a note, with the least that a kind can have. Tests put it into KINDS."""

from typing import Final

import msgspec

from trustmed.semd.cda import vocabulary
from trustmed.semd.cda.elements import Element
from trustmed.semd.cda.header import Header
from trustmed.semd.cda.sections import add_coded_entry, add_paragraph, add_section, add_text_entry
from trustmed.semd.document import Coded, Dossier
from trustmed.semd.fields.field import Form
from trustmed.semd.fields.plain import OneOf, Text
from trustmed.semd.kind import Kind
from trustmed.semd.words import Words


class NoteForm(Form, frozen=True):
    """The form of a note; `place` is a code of 11.1008."""

    note: str = ""
    place: str = "1"


class Note(msgspec.Struct, frozen=True):
    """The content of a note."""

    note: str
    place: Coded


def add_body(body: Element, d: Dossier[Note]) -> None:
    section, text = add_section(body, d, "ANAM")
    add_paragraph(text, "Заметка", d.form.note)
    add_text_entry(section, d, "7006", d.form.note)
    add_coded_entry(section, d, "801", d.form.place)


NOTE: Final = Kind(
    number="9001",
    title=Words("Пробная заметка", "A trial note"),
    header=Header("1.2.3.9001", (vocabulary.DOCUMENTS, "41"), event=None, is_paid=False, has_encounter=False),
    form=NoteForm,
    body=Note,
    page=(
        Text("note", Words("Заметка", "Note"), required=True),
        OneOf("place", Words("Где", "Where"), vocabulary.FORM_DICTIONARIES["place"]),
    ),
    sections=("ANAM",),
    observations=("7006", "801"),
    add_body=add_body,
)
