"""What keeps a document from being built, so that the page says all of it at once, in the request's language."""

from trustmed.clinic.documents.model import Draft
from trustmed.clinic.patients.model import Patient
from trustmed.semd.kind import Kind, lacks
from trustmed.semd.rows import Rows
from trustmed.web import i18n
from trustmed.web.i18n import gettext as _


def in_form(draft: Draft, patient: Patient, rows: Rows) -> dict[str, str]:
    """Field of the page -> what to do about it. `rows`: those of the rows the form names that exist."""
    language = i18n.current.get()
    return {lack.field: lack.what.text(language) for lack in lacks(draft.kind, draft.form, patient, rows)}


def in_card(kind: Kind, patient: Patient) -> list[str]:
    """What the patient's card lacks for a document of the kind."""
    wanted = [(patient.address, _("Адрес проживания"))]
    if kind.header.without_snils is not None:
        wanted.insert(0, (patient.snils, _("СНИЛС")))
    return [name for value, name in wanted if value is None]
