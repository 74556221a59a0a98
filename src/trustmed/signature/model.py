"""What a signature must satisfy, and what is known of a verified one."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

Role = Literal["doctor", "organization"]


class Expected(msgspec.Struct, frozen=True):
    """The signer a signature must have: a doctor by СНИЛС, an organisation by ОГРН. Separators in numbers are ignored.

    Raises ValueError unless the role's number has its 11 or 13 digits.
    """

    role: Role
    snils: str | None = None
    ogrn: str | None = None

    def __post_init__(self) -> None:
        number, digits = (self.snils, 11) if self.role == "doctor" else (self.ogrn, 13)
        if sum(c in "0123456789" for c in number or "") != digits:
            raise ValueError("a doctor is expected by snils of 11 digits, an organization by ogrn of 13")


class Policy(msgspec.Struct, frozen=True):
    """The demands of a deployment beyond a correct signature. `clock_skew`: how far ahead a signer's clock may be.

    `largest_signature` is in bytes. `oldest_crl`: how long ago the list that vouches for a signer may have been issued.
    `require_current_crl`: a list past its own nextUpdate is refused. An authority's own certificate is vouched for by
    its issuer's list, which comes out once in months: its nextUpdate counts, and its age only where it names none.
    """

    require_crl: bool = True
    oldest_crl: timedelta = timedelta(days=7)
    require_current_crl: bool = True
    require_signing_certificate: bool = True
    clock_skew: timedelta = timedelta(minutes=10)
    largest_signature: int = 1_000_000


class Signer(msgspec.Struct, frozen=True):
    """The signer by the certificate's subject (Russian attributes of X.509 have OIDs 1.2.643.100.*).

    `certificate_serial` and `certificate_sha256` are lower-case hex; `issuer` is the issuer's name in one line.
    """

    name: str
    snils: str | None
    ogrn: str | None
    inn: str | None
    organization: str | None
    certificate_serial: str
    certificate_sha256: str
    not_before: datetime
    not_after: datetime
    issuer: str


class CrlUsed(msgspec.Struct, frozen=True):
    """The revocation list that vouched for the signer's certificate; `stale`: its nextUpdate was over at the check."""

    issuer: str
    number: int | None
    issued_at: datetime
    next_update: datetime | None
    age_seconds: int
    stale: bool


class VerifiedSignature(msgspec.Struct, frozen=True):
    """A valid signature. `claimed_signing_time` is the signer's own claim; `crl` is None only if the policy allows it.

    `algorithm`: "ecdsa-sha256", "rsa-sha256", "gost2012-256" and the like. `chain_sha256`: digests in hex of the
    certificates from the signer's to the root's.
    """

    role: Role
    signer: Signer
    algorithm: str
    claimed_signing_time: datetime | None
    verified_at: datetime
    crl: CrlUsed | None
    chain_sha256: tuple[str, ...]
