"""Verify the signatures of a document over its exact bytes, making them by software keys if none are given."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from trustmed.clinic.accounts.model import Employee
from trustmed.clinic.documents.errors import SignatureRepeated, SignaturesMissing, TooManySignatures
from trustmed.clinic.documents.model import Prepared
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.semd.cda.read import DocumentHeader, header
from trustmed.semd.kinds import find_kind
from trustmed.signature.armor import remove_armor
from trustmed.signature.gost import gost_available
from trustmed.signature.model import Expected, VerifiedSignature
from trustmed.signature.trust import TrustStore, cached_trust, load_trust
from trustmed.signature.verify import verify
from trustmed.topology.file.spec import Organization

MOST_SIGNATURES: Final = 10
SMALL: Final = 100_000
"""Bytes of a document with its signatures; checking so few takes less time than handing them to a thread."""


class Signing(msgspec.Struct, frozen=True):
    """A document before its signatures are verified."""

    prepared: Prepared
    employee: Employee
    position: str


class Checked(msgspec.Struct, frozen=True):
    """A document's header and its verified signatures."""

    header: DocumentHeader
    given: tuple[Given, ...]
    verified: tuple[VerifiedSignature, ...]


async def check_signatures(
    clinic: Clinic, signing: Signing, organization: Organization, given: Sequence[Given] | None
) -> Checked:
    """Verify the signatures `given`; None: sign by software keys first. A large document is checked in a thread."""
    size = len(signing.prepared.content) + sum(len(one.content) for one in given or ())
    own = cached_trust(clinic.trust_folder) or await asyncio.to_thread(_get_ready, clinic.trust_folder)
    trust = await clinic.carried_lists.added_to(own)
    if size <= SMALL:
        return _sign_and_check(clinic, trust, signing, organization, given)
    return await asyncio.to_thread(_sign_and_check, clinic, trust, signing, organization, given)


def _get_ready(trust_folder: Path) -> TrustStore:
    """Do the slow things that are needed only once: load the trusted certificates, try the GOST engine."""
    gost_available()
    return load_trust(trust_folder)


def _sign_and_check(
    clinic: Clinic, trust: TrustStore, signing: Signing, organization: Organization, given: Sequence[Given] | None
) -> Checked:
    if given is None:
        given = clinic.signer.sign(signing.prepared.content, signing.employee.snils, organization.ogrn)
    return _check(clinic, trust, signing, organization, tuple(given))


def _check(
    clinic: Clinic, trust: TrustStore, signing: Signing, organization: Organization, given: tuple[Given, ...]
) -> Checked:
    """Verify every signature over the bytes. Blocking: a few ms for a small document."""
    if len(given) > MOST_SIGNATURES:
        raise TooManySignatures(MOST_SIGNATURES)
    given = tuple(Given(one.role, remove_armor(one.content)) for one in given)
    if len({one.content for one in given}) < len(given):
        raise SignatureRepeated
    if find_kind(signing.prepared.kind).signers - {one.role for one in given}:
        raise SignaturesMissing
    now = dt.datetime.now(dt.UTC)
    expected = {
        "doctor": Expected("doctor", snils=signing.employee.snils or "-"),
        "organization": Expected("organization", ogrn=organization.ogrn),
    }
    content = signing.prepared.content
    verified = tuple(
        verify(content, one.content, trust, expected[one.role], now, clinic.signature_policy) for one in given
    )
    return Checked(header(content), given, verified)
