"""What the portal's interface answers with."""

from datetime import datetime
from uuid import UUID

import msgspec

from trustmed.region.organizations import OrganizationView, organization_view
from trustmed.region.record.model import Signature
from trustmed.region.registry.model import Document, Page
from trustmed.topology.file.spec import Topology


class DocumentView(msgspec.Struct, frozen=True):
    """A document's metadata. `sha256`: hex, of the exact bytes; `kind`: dictionary 1.2.643.5.1.13.13.11.1520."""

    id: UUID
    set_id: UUID
    version: int
    kind: str
    title: str
    organization: OrganizationView
    author_name: str
    author_position: str
    created_at: datetime
    signed_at: datetime
    media_type: str
    size_bytes: int
    sha256: str
    signature_count: int


class DocumentsView(msgspec.Struct, frozen=True):
    """A page, newest first. `after`: hand it back for the next page; null at the end."""

    documents: list[DocumentView]
    after: str | None


class SignatureView(msgspec.Struct, frozen=True):
    """A signature as the clinic verified it before registration. `number`: counted from one, for its address."""

    number: int
    role: str
    signer_name: str
    signer_ogrn: str | None
    algorithm: str
    certificate_serial: str
    certificate_sha256: str
    claimed_at: datetime | None
    verified_at: datetime
    revocation_list_issued_at: datetime | None
    revocation_list_stale: bool
    size_bytes: int


class SignaturesView(msgspec.Struct, frozen=True):
    signatures: list[SignatureView]


def documents_view(topology: Topology, page: Page) -> DocumentsView:
    return DocumentsView([document_view(topology, document) for document in page.documents], page.after)


def document_view(topology: Topology, document: Document) -> DocumentView:
    return DocumentView(
        id=document.id,
        set_id=document.set_id,
        version=document.version_number,
        kind=document.kind,
        title=document.title,
        organization=organization_view(topology, document.organization_id),
        author_name=document.author_name,
        author_position=document.author_position,
        created_at=document.created_at,
        signed_at=document.signed_at,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256.hex(),
        signature_count=document.signature_count,
    )


def signatures_view(found: tuple[Signature, ...]) -> SignaturesView:
    return SignaturesView([_signature_view(number, signature) for number, signature in enumerate(found, 1)])


def _signature_view(number: int, signature: Signature) -> SignatureView:
    return SignatureView(
        number=number,
        role=signature.role,
        signer_name=signature.signer_name,
        signer_ogrn=signature.signer_ogrn,
        algorithm=signature.algorithm,
        certificate_serial=signature.certificate_serial,
        certificate_sha256=signature.certificate_sha256,
        claimed_at=signature.claimed_at,
        verified_at=signature.verified_at,
        revocation_list_issued_at=signature.crl_issued_at,
        revocation_list_stale=signature.crl_stale,
        size_bytes=len(signature.content),
    )
