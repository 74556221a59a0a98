"""What a shard of the integrated record holds of a document."""

from datetime import datetime
from uuid import UUID

import msgspec


class Body(msgspec.Struct, frozen=True):
    """The exact signed bytes; `sha256` was computed from them and equals the registry's."""

    content: bytes
    media_type: str
    sha256: bytes


class Signature(msgspec.Struct, frozen=True):
    """A detached CMS (`content`, DER) and what the site found when it checked it.

    `crl_issued_at`, `crl_stale`: the revocation list used, and whether it was out of date. The signer's СНИЛС is not
    given out.
    """

    id: UUID
    role: str
    signer_name: str
    signer_ogrn: str | None
    algorithm: str
    certificate_serial: str
    certificate_sha256: str
    claimed_at: datetime | None
    verified_at: datetime
    crl_issued_at: datetime | None
    crl_stale: bool
    content: bytes
