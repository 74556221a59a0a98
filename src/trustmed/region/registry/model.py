"""Documents of the registry: metadata, pages of them, what a list may be narrowed by."""

from datetime import datetime
from uuid import UUID

import msgspec


class Document(msgspec.Struct, frozen=True):
    """What the registry knows of a signed document. `sha256` is of the exact signed bytes."""

    organization_id: int
    id: UUID
    set_id: UUID
    version_number: int
    kind: str
    title: str
    author_name: str
    author_position: str
    created_at: datetime
    signed_at: datetime
    media_type: str
    size_bytes: int
    sha256: bytes
    signature_count: int


class Registration(msgspec.Struct, frozen=True):
    """A new document as the region's page shows it: nothing of the patient."""

    organization_id: int
    id: UUID
    kind: str
    title: str
    signed_at: datetime
    size_bytes: int
    sha256: bytes


class Narrowing(msgspec.Struct, frozen=True):
    """A filter of documents: of a kind (dictionary 1.2.643.5.1.13.13.11.1520), dated in [since, before)."""

    kind: str | None = None
    since: datetime | None = None
    before: datetime | None = None


class Page(msgspec.Struct, frozen=True):
    """Documents, newest first; `after` is where the next page starts; None at the end."""

    documents: tuple[Document, ...]
    after: str | None = None


class Copy(msgspec.Struct, frozen=True, array_like=True):
    """A hot copy of a first page, and the patients (organisation, patient) that stood for the person then."""

    patients: tuple[tuple[int, UUID], ...]
    page: Page
