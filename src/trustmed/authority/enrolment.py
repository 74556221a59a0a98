"""Ask the region's web server for one's own certificate: by a code the first time, by the present one afterwards."""

from pathlib import Path
from typing import Final

import httpx2
import msgspec
from cryptography import x509

from trustmed.authority.code import Code
from trustmed.authority.errors import TrustMissing
from trustmed.authority.identity import Files, Identity, install, prepare_request
from trustmed.authority.keys import write_private
from trustmed.authority.names import Names
from trustmed.authority.trust import read_certificates
from trustmed.errors import Forbidden, Unavailable

TIMEOUT_SECONDS: Final = 20.0
RENEWAL: Final = b"trustmed renew 1\0"
"""What the present key signs before the new request."""


class EnrolWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code` is the code's public half, `signature` its signature of the request (PKCS#10, DER)."""

    code: bytes
    request: bytes
    signature: bytes


class RenewWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`chain` is the present certificate, with intermediates; its key signs the request."""

    chain: tuple[bytes, ...]
    request: bytes
    signature: bytes


class Issued(msgspec.Struct, frozen=True):
    """The region's answer: the certificate and all that is needed to believe others (PEM; the lists in DER)."""

    certificate: str
    roots: str
    lists: tuple[bytes, ...]


class AuthorityAway(Unavailable):
    """The region's web server did not answer, or not as agreed. The key is kept: repeat the command."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(
            f"Регион ({address}) не ответил: {cause}. Повторите команду: ключ сохранён, код ещё действует. "
            "Без связи: trustmed authority enrol --request-to ФАЙЛ.",
            f"The region ({address}) did not answer: {cause}. Repeat the command: the key is kept, the code still "
            "holds. Without a line: trustmed authority enrol --request-to FILE.",
        )


class AuthorityRefuses(Forbidden):
    """The region does not issue the certificate; its own words are passed on."""


class FalseRegion(Forbidden):
    """Who answered has another root than the region that gave the code."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"По адресу {address} ответил не тот регион, что выдал код: у него другой корневой сертификат. Ничего не "
            "установлено. Проверьте адрес и сообщите инженеру региона.",
            f"What answered at {address} is not the region that gave the code: its root certificate differs. Nothing "
            "was installed. Check the address and tell the region's engineer.",
        )


def enrol(address: str, names: Names, code: Code, files: Files, trust: Path) -> Names:
    """Obtain the first certificate by a code and put it in force; return whose it is, as the region decided.

    Raises AuthorityAway, AuthorityRefuses, FalseRegion, IdentityBroken.
    """
    request = prepare_request(files, names)
    issued = _post(address, "enrol", EnrolWish(code.verifier, request, code.sign(request)))
    roots = read_certificates(issued.roots.encode())
    if not any(map(code.is_pinned, roots)):
        raise FalseRegion(address)
    return _put_in_force(files, trust, issued, roots)


def renew(address: str, identity: Identity, trust: Path) -> Names:
    """Obtain another certificate by the present one, which stays valid to its end. Raises what `enrol` does."""
    request = prepare_request(identity.files, identity.names)
    issued = _post(address, "renew", RenewWish(identity.chain_der, request, identity.sign(RENEWAL + request)))
    roots = read_certificates(issued.roots.encode())
    known = read_certificates((trust / "root.crt").read_bytes()) if (trust / "root.crt").exists() else ()
    if not set(known) & set(roots):
        raise FalseRegion(address)
    return _put_in_force(identity.files, trust, issued, roots)


def _put_in_force(files: Files, trust: Path, issued: Issued, roots: tuple[x509.Certificate, ...]) -> Names:
    if not roots:
        raise TrustMissing(trust)
    write_private(trust / "root.crt", issued.roots.encode())
    for number, content in enumerate(issued.lists):
        write_private(trust / (f"root-{number}.crl" if number else "root.crl"), content)
    return install(files, issued.certificate.encode())


def _post(address: str, act: str, wish: EnrolWish | RenewWish) -> Issued:
    try:
        with httpx2.Client(base_url=f"http://{address}", timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            headers = {"Content-Type": "application/json"}
            answer = client.post(f"/api/v1/authority/{act}", content=msgspec.json.encode(wish), headers=headers)
    except httpx2.TransportError as error:
        raise AuthorityAway(address, type(error).__name__) from error
    if answer.status_code in (401, 403, 409, 422, 429):
        raise AuthorityRefuses(*_words(answer))
    try:
        return msgspec.json.decode(answer.content, type=Issued)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise AuthorityAway(address, f"HTTP {answer.status_code}") from error


def _words(answer: httpx2.Response) -> tuple[str, str]:
    try:
        detail = answer.json().get("detail")
    except (ValueError, AttributeError):
        detail = None
    text = str(detail or f"HTTP {answer.status_code}")
    return f"Регион не выдал сертификат: {text}", f"The region did not issue the certificate: {text}"
