"""Fetch the revocation lists that authorities publish into a trust folder; only a better one replaces a list.

A list is taken if a certificate of the folder signed it and it is newer than what the folder has of the same issuer,
key and scope. Each address fails alone.
"""

import hashlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import httpx2
import msgspec

from trustmed.signature import der
from trustmed.signature.certificate import Certificate, name_line, read_extensions
from trustmed.signature.chain import is_list_of
from trustmed.signature.der import DerError
from trustmed.signature.revocation import RevocationList, read_crl
from trustmed.signature.software.signing import write_whole
from trustmed.signature.trust import TrustStore, load_trust, pem_parts

LARGEST: Final = 50_000_000
"""Bytes of a list; the largest authorities' have about ten million."""
TIMEOUT_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 300.0
"""How long one list may take: a server that sends a byte a second is given up."""
CRL_ADDRESSES: Final = "2.5.29.31"
_URI: Final = 0x86

Verdict = Literal["taken", "known", "failed"]


class Fetched(msgspec.Struct, frozen=True):
    """What became of an address. `issuer` is known once a list was read; `ru` and `en` say why it failed."""

    url: str
    verdict: Verdict
    issuer: str = ""
    ru: str = ""
    en: str = ""


class NotTaken(Exception):
    """Why what an address gave is not taken."""

    def __init__(self, ru: str, en: str, issuer: str = "") -> None:
        super().__init__(en)
        self.ru, self.en, self.issuer = ru, en, issuer


def refresh(folder: Path, urls: Iterable[str] = (), proxy: str | None = None) -> list[Fetched]:
    """Fetch from these addresses and from those that the folder's certificates name. Raises TrustFolderMissing."""
    trust = load_trust(folder)
    found = []
    with httpx2.Client(timeout=TIMEOUT_SECONDS, proxy=proxy, trust_env=False, follow_redirects=True) as client:
        for url in dict.fromkeys((*urls, *addresses_of((*trust.roots, *trust.intermediates)))):
            try:
                found.append(_refresh_one(client, folder, url))
            except NotTaken as error:
                found.append(Fetched(url, "failed", error.issuer, error.ru, error.en))
    return found


def addresses_of(certificates: Sequence[Certificate]) -> list[str]:
    """Return where the issuers of these certificates publish their lists (CRLDistributionPoints), by http."""
    found: dict[str, None] = {}
    for certificate in certificates:
        try:
            found.update(dict.fromkeys(_addresses(certificate)))
        except DerError:
            continue
    return list(found)


def take_list(folder: Path, content: bytes) -> tuple[Verdict, RevocationList]:
    """Put a list (DER or PEM) into the folder if it is good and better. Raises NotTaken, TrustFolderMissing."""
    raw = _der(content)
    try:
        crl = read_crl(raw)
    except DerError as error:
        raise NotTaken(f"это не список отзыва ({error})", f"this is no revocation list ({error})") from error
    trust = load_trust(folder)
    issuer = find_issuer(crl, trust)
    if issuer is None:
        name = name_line(crl.issuer)
        raise NotTaken(
            f"список подписан не издателем из папки доверенных («{name}»)",
            f"the list is not signed by an issuer of the trust folder ({name!r})",
            name,
        )
    known = [one for one in trust.crls.get(crl.issuer, ()) if list_id(one) == list_id(crl) and is_list_of(one, issuer)]
    if any(not is_newer(crl, one) for one in known):
        return "known", crl
    write_whole(folder / f"{list_id(crl)[:32]}.crl", raw)
    return "taken", crl


def find_issuer(crl: RevocationList, trust: TrustStore) -> Certificate | None:
    """Return the certificate of the store whose key signed the list. Raises GostEngineMissing."""
    return next((one for one in trust.by_subject.get(crl.issuer, ()) if one.is_ca and is_list_of(crl, one)), None)


def list_id(crl: RevocationList) -> str:
    """Return what tells series of lists apart: issuer, key and scope, as SHA-256 in hex."""
    scope = bytes((crl.for_leaves, crl.for_authorities))
    return hashlib.sha256(scope + (crl.authority_key or b"") + b"\0" + crl.issuer).hexdigest()


def is_newer(crl: RevocationList, known: RevocationList) -> bool:
    """Whether a list came out after another of its series: by the number where both have one, else by the date."""
    if crl.number is not None and known.number is not None and crl.number != known.number:
        return crl.number > known.number and crl.issued_at >= known.issued_at
    return crl.issued_at > known.issued_at


def _refresh_one(client: httpx2.Client, folder: Path, url: str) -> Fetched:
    verdict, crl = take_list(folder, _download(client, url))
    return Fetched(url, verdict, name_line(crl.issuer))


def _download(client: httpx2.Client, url: str) -> bytes:
    until = time.monotonic() + WHOLE_SECONDS
    content = bytearray()
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise NotTaken(
                    f"сервер ответил кодом {answer.status_code}", f"the server answered {answer.status_code}"
                )
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST or time.monotonic() > until:
                    raise NotTaken("список слишком велик или идёт слишком долго", "the list is too large or too slow")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NotTaken(f"нет ответа ({type(error).__name__})", f"no answer ({type(error).__name__})") from error
    return bytes(content)


def _der(content: bytes) -> bytes:
    if not content.lstrip().startswith(b"-----"):
        return content
    try:
        return next((raw for label, raw in pem_parts(content) if label == "X509 CRL"), b"")
    except DerError:
        return b""


def _addresses(certificate: Certificate) -> Iterable[str]:
    """Yield the http addresses of a certificate's distribution points."""
    for oid, (_, value) in _extensions(certificate).items():
        if oid == CRL_ADDRESSES:
            for part in _uris(der.read(value)):
                if part.startswith(("http://", "https://")):
                    yield part


def _extensions(certificate: Certificate) -> dict[str, tuple[bool, bytes]]:
    body = der.children(der.read(certificate.signed))
    return read_extensions(next((one for one in body if one.tag == 0xA3), None))


def _uris(element: der.Element) -> Iterable[str]:
    if element.tag == _URI:
        yield element.content.decode("ascii", "replace")
    elif element.tag & 0x20:
        for inner in der.children(element):
            yield from _uris(inner)
