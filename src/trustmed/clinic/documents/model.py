"""Documents of a site, from the form a doctor fills in to the signed document."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from trustmed.clinic.official.verdicts import Verdict
from trustmed.semd.fields.field import Form
from trustmed.semd.kind import Kind

LARGEST: Final = 20_000_000
"""Bytes of a document."""


class Draft(msgspec.Struct, frozen=True):
    """A document being written; `sha256` and `size_bytes` are of the bytes last previewed, None before that."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    author_id: UUID
    kind: Kind
    form: Form
    sha256: bytes | None
    size_bytes: int | None
    updated_at: dt.datetime


class Prepared(msgspec.Struct, frozen=True):
    """The bytes of a document that is to be signed."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    author_id: UUID
    kind: str
    content: bytes
    sha256: bytes


class Preview(msgspec.Struct, frozen=True):
    """The bytes to sign, and the verdict on them; None if no pack of rules is installed."""

    prepared: Prepared
    verdict: Verdict | None


class Document(msgspec.Struct, frozen=True):
    """A signed document's card."""

    id: UUID
    set_id: UUID
    version_number: int
    patient_id: UUID
    visit_id: UUID | None
    kind: str
    title: str
    author_id: UUID
    author_name: str
    author_position: str
    created_at: dt.datetime
    signed_at: dt.datetime
    size_bytes: int
    sha256: bytes
    signature_count: int


class Signature(msgspec.Struct, frozen=True):
    """A stored signature; `content` is the container as it was received."""

    id: UUID
    role: str
    signer_name: str
    signer_snils: str | None
    signer_ogrn: str | None
    algorithm: str
    certificate_serial: str
    certificate_sha256: str
    claimed_at: dt.datetime | None
    verified_at: dt.datetime
    crl_issued_at: dt.datetime | None
    crl_stale: bool
    content: bytes
