"""The page of a draft: read its form from the page's fields, gather what the page shows."""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection

from trustmed.clinic.desk import FormWrong, read
from trustmed.clinic.documents import dictionaries, gaps
from trustmed.clinic.documents.model import Draft
from trustmed.clinic.patients.model import Patient
from trustmed.semd.fields.field import Form, fields_of
from trustmed.semd.kind import Kind


def read_form(kind: Kind, given: Mapping[str, str]) -> Form:
    """Return the form as a person left it. Raises FormWrong."""
    values: dict[str, object] = {}
    for field in fields_of(kind.page):
        values |= field.read(given)
    try:
        return read(values, kind.form)
    except FormWrong as wrong:
        labels = {field.name: (field.label.ru, field.label.en) for field in fields_of(kind.page)}
        raise FormWrong(wrong.field, labels.get(wrong.field)) from wrong


async def page_of(connection: AsyncConnection, draft: Draft, patient: Patient) -> dict[str, Any]:
    """Gather what the template of a draft needs, within a tenant's transaction."""
    fields = fields_of(draft.kind.page)
    lists = dict.fromkeys(oid for field in fields for oid in field.shown_lists())
    return {
        "draft": draft,
        "form": draft.form,
        "patient": patient,
        "lists": await dictionaries.find_lists(connection, lists),
        "rows": await dictionaries.find_rows(connection, (row for field in fields for row in field.shown_rows())),
        "card_lacks": gaps.gaps_in_card(draft.kind, patient),
    }
