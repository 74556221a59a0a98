"""Check the header of a document made elsewhere against the visit it is uploaded to."""

import datetime as dt
import re
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from trustmed.clinic.accounts.model import Employee
from trustmed.clinic.documents.errors import HeaderDisagrees
from trustmed.clinic.patients.model import Patient
from trustmed.semd.cda.read import DocumentHeader, ObjectId
from trustmed.semd.kind import Kind
from trustmed.semd.kinds import find_kind_of_template
from trustmed.topology.file.spec import Organization

MOMENT: Final = re.compile(r"(\d{8})(?:(\d{4})(\d{2})?)?([+-]\d{4})?", re.ASCII)


def kind_of(found: DocumentHeader) -> Kind:
    """Return the kind whose template the document names. Raises HeaderDisagrees for a kind not accepted here."""
    kind = find_kind_of_template(found.template)
    if kind is None:
        raise HeaderDisagrees(f"вид документа {found.template}", f"the kind is {found.template}")
    return kind


def check_header(found: DocumentHeader, organization: Organization, employee: Employee, patient: Patient) -> None:
    """Raise HeaderDisagrees unless the document is of this organisation, by this author, about this patient."""
    parse_moment(found.effective_time)
    if found.organization_oid != organization.oid:
        raise HeaderDisagrees(
            f"организация {found.organization_oid}, а не {organization.oid}",
            f"the organisation is {found.organization_oid}, not {organization.oid}",
        )
    if found.author_snils is None or found.author_snils != employee.snils:
        raise HeaderDisagrees("автор — не вы", "the author is not you")
    same_snils = patient.snils is not None and found.patient_snils == patient.snils
    same_card = found.patient_id is not None and found.patient_id.extension == str(patient.id)
    if not (same_snils if found.patient_snils and patient.snils else same_card):
        raise HeaderDisagrees("пациент — другой", "the patient is another one")


def as_uuid(identifier: ObjectId) -> UUID:
    """Return the id as a UUID; an id of another shape gives a UUID derived from it, always the same."""
    try:
        return UUID(identifier.extension or "")
    except ValueError:
        return uuid5(NAMESPACE_OID, f"{identifier.root}^{identifier.extension or ''}")


def parse_moment(written: str) -> dt.datetime:
    """Return an HL7 time with its zone, UTC if it names none. Raises HeaderDisagrees."""
    found = MOMENT.fullmatch(written)
    try:
        if found is None:
            raise ValueError(written)
        day, minutes, seconds, zone = found.groups()
        return dt.datetime.strptime(f"{day}{minutes or '0000'}{seconds or '00'}{zone or '+0000'}", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise HeaderDisagrees(
            f"дата документа «{written}» не читается", f"the date {written!r} cannot be read"
        ) from error
