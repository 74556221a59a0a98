"""Sign with keys stored in files, as the demo's doctors, tests and test stands do."""

import base64
import os
from datetime import UTC, datetime
from pathlib import Path

from trustmed.signature import algorithms
from trustmed.signature.certificate import Certificate, read_certificate
from trustmed.signature.cms import signed_attributes, write_container
from trustmed.signature.der import DerError
from trustmed.signature.errors import KeyRefused
from trustmed.signature.software.keys import PrivateKey, read_key
from trustmed.signature.trust import pem_parts


class SoftwareKey:
    """A private key with its certificate chain, the key's own certificate first; the root may be left out."""

    def __init__(self, key: PrivateKey, chain: tuple[bytes, ...]) -> None:
        """Take the key and its `chain` in DER. Raises KeyRefused if the key does not match the first certificate."""
        self.key = key
        self.chain = chain
        self.certificate: Certificate = read_certificate(chain[0])
        self._digest = algorithms.DEFAULT_DIGESTS[key.family]
        if not algorithms.is_signed_by(self.certificate.spki, self._digest, key.sign(b"fit"), b"fit"):
            raise KeyRefused(
                "Закрытый ключ не соответствует сертификату. Укажите пару, выпущенную вместе.",
                "The private key does not fit the certificate. Give a pair that was issued together.",
            )

    @classmethod
    def load(cls, key_file: Path, chain_file: Path, passphrase: bytes = b"") -> "SoftwareKey":
        """Load PEM files: a PKCS#8 key, possibly encrypted, and certificates. Raises KeyRefused, GostEngineMissing."""
        try:
            chain = tuple(raw for label, raw in pem_parts(chain_file.read_bytes()) if label == "CERTIFICATE")
            family = algorithms.family(read_certificate(chain[0]).spki) if chain else None
            key_pem = key_file.read_bytes()
        except (OSError, DerError, algorithms.NotAccepted) as error:
            raise KeyRefused(
                f"Ключ или сертификат не читается: {error}. Проверьте файлы {key_file} и {chain_file}.",
                f"The key or the certificate cannot be read: {error}. Check the files {key_file} and {chain_file}.",
            ) from error
        if family is None:
            raise KeyRefused(
                f"В файле {chain_file} нет сертификата в виде PEM.", f"There is no PEM certificate in {chain_file}."
            )
        return cls(read_key(key_pem, passphrase, family), chain)

    def save(self, key_file: Path, chain_file: Path, passphrase: bytes = b"") -> None:
        """Write both PEM files, the certificates last; only the owner can read the key's."""
        write_private(key_file, self.key.pem(passphrase))
        write_whole(chain_file, b"".join(certificate_pem(raw) for raw in self.chain))

    def sign(self, content: bytes, at: datetime | None = None) -> bytes:
        """Return a detached CMS signature (CAdES-BES, DER) of `content`; `at` is the claimed time, now by default."""
        leaf = self.certificate
        attributes = signed_attributes(
            digest_oid=self._digest,
            message_digest=algorithms.digest(self._digest, content),
            certificate_hash=algorithms.digest(self._digest, leaf.raw),
            issuer=leaf.issuer,
            serial=leaf.serial,
            moment=at or datetime.now(UTC),
        )
        return write_container(
            certificates=self.chain,
            issuer=leaf.issuer,
            serial=leaf.serial,
            digest_oid=self._digest,
            signature_oid=algorithms.CMS_SIGNATURE_OIDS[self.key.family],
            attributes=attributes,
            signature=self.key.sign(attributes),
        )


def certificate_pem(raw: bytes, label: str = "CERTIFICATE") -> bytes:
    """Return DER as a PEM block."""
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), base64.encodebytes(raw), label.encode())


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file so that readers see either the old bytes or the new ones."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read; nobody sees it half-written."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)
