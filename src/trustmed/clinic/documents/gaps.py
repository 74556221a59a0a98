"""What a draft still lacks before its document can be built, all at once, in the request's language."""

from trustmed.clinic.documents.model import Draft
from trustmed.clinic.patients.model import Patient
from trustmed.semd.kind import Kind, lacks
from trustmed.semd.rows import Rows
from trustmed.web import i18n
from trustmed.web.i18n import gettext as _


def gaps_in_form(draft: Draft, patient: Patient, rows: Rows) -> dict[str, str]:
    """Return the page's fields that need correcting, with what to do. `rows` holds the form's rows that exist."""
    language = i18n.current.get()
    return {lack.field: lack.what.text(language) for lack in lacks(draft.kind, draft.form, patient, rows)}


def gaps_in_card(kind: Kind, patient: Patient) -> list[str]:
    """Return the names of fields that the patient's card lacks for a document of the kind."""
    needed = [(patient.address, _("Адрес проживания"))]
    if kind.header.without_snils is not None:
        needed.insert(0, (patient.snils, _("СНИЛС")))
    return [name for value, name in needed if value is None]
