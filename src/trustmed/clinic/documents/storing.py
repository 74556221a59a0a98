"""Store a signed document: link it to its visit first, then store all of it at once."""

from typing import Any, Final

import msgspec
from psycopg_pool import AsyncConnectionPool

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, values_of
from trustmed.clinic.documents import reading
from trustmed.clinic.documents.checking import Checked, Signing
from trustmed.clinic.documents.errors import BreaksRules, HeaderDisagrees, OtherDocument
from trustmed.clinic.documents.headers import as_uuid, parse_moment
from trustmed.clinic.documents.model import Document, Prepared
from trustmed.clinic.documents.service import judge
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import Trace, answering, event, in_one_trip, tenant
from trustmed.db.queries import load

sql = load(__package__)

LINKING_TRIES: Final = 2
"""The second try sees what a concurrent transaction linked during the first (see `link_visit`)."""


async def check_rules(clinic: Clinic, actor: Actor, prepared: Prepared) -> None:
    """Raise BreaksRules if a pack of official rules is installed and refuses the bytes."""
    found = await judge(clinic, actor, prepared)
    if found is not None and not found.passed:
        raise BreaksRules(found.findings)


async def store_document(clinic: Clinic, actor: Actor, signing: Signing, checked: Checked, action: Action) -> Document:
    """Store a document whose signatures are verified; storing it again changes nothing.

    Raises OtherDocument, HeaderDisagrees.
    """
    prepared = signing.prepared
    trace = Trace(prepared.patient_id, prepared.id)
    async with answering(clinic.databases, actor, action, patient_id=prepared.patient_id, document_id=prepared.id):
        await _link_visit(clinic, actor, prepared, event(action, "granted", "treatment", trace))
        with clinic.link.signing():
            document = await _store_or_get(clinic.databases.documents, _values(actor, signing, checked))
        if document.sha256 != prepared.sha256:
            raise OtherDocument
    return document


async def _link_visit(clinic: Clinic, actor: Actor, prepared: Prepared, granted: Event) -> None:
    values = {**values_of(actor, granted), "visit_id": prepared.visit_id, "document_id": prepared.id}
    row = None
    for _ in range(LINKING_TRIES):
        row = await in_one_trip(clinic.databases.site, actor.organization_id, sql["link_visit"], values)
        if row is not None:
            break
    if row is None or row["visit_id"] != prepared.visit_id:
        raise HeaderDisagrees(
            "документ с этим номером относится к другому визиту", "a document of this id belongs to another visit"
        )


async def _store_or_get(pool: AsyncConnectionPool, values: dict[str, Any]) -> Document:
    """Store a document with its body, signatures and event, or return the one that has this id already."""
    organization_id = values["organization_id"]
    row = await in_one_trip(pool, organization_id, sql["store_document"], values)
    if row is not None:
        return msgspec.convert(row, Document)
    async with tenant(pool, organization_id) as connection:
        return await reading.get(connection, organization_id, values["id"])


def _values(actor: Actor, signing: Signing, checked: Checked) -> dict[str, Any]:
    prepared, found, verified = signing.prepared, checked.header, checked.verified
    return {
        "organization_id": actor.organization_id,
        "id": prepared.id,
        "set_id": as_uuid(found.set_id) if found.set_id else prepared.id,
        "version_number": found.version or 1,
        "patient_id": prepared.patient_id,
        "visit_id": prepared.visit_id,
        "kind": prepared.kind,
        "title": found.title,
        "author_id": prepared.author_id,
        "author_name": signing.employee.full_name,
        "author_position": signing.position,
        "created_at": parse_moment(found.effective_time),
        "size_bytes": len(prepared.content),
        "sha256": prepared.sha256,
        "content": prepared.content,
        "signature_count": len(verified),
        "roles": [one.role for one in verified],
        "signer_names": [one.signer.name for one in verified],
        "signer_snils": [one.signer.snils for one in verified],
        "signer_ogrns": [one.signer.ogrn for one in verified],
        "algorithms": [one.algorithm for one in verified],
        "serials": [one.signer.certificate_serial for one in verified],
        "certificates": [one.signer.certificate_sha256 for one in verified],
        "claimed": [one.claimed_signing_time for one in verified],
        "verified": [one.verified_at for one in verified],
        "crl_issued": [one.crl.issued_at if one.crl else None for one in verified],
        "crl_stale": [one.crl.stale if one.crl else False for one in verified],
        "containers": [one.content for one in checked.given],
    }
