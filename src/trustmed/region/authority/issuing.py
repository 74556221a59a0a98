"""Make certificates and revocation lists with the root key."""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trustmed.authority.keys import PublicKey, make_key
from trustmed.authority.names import Names, Use, uris_of
from trustmed.authority.peer import CLOCK_SKEW
from trustmed.region.authority.errors import BearerUnknown, RootExpired

ROOT_LIFE: Final = timedelta(days=3652)
LIST_DAYS: Final = 7
"""For how long a revocation list holds; it is made anew long before."""
_LONGEST_NAME: Final = 64
_PURPOSES: Final[dict[Use, x509.ObjectIdentifier]] = {
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
}
_NO_USAGE: Final = dict.fromkeys(
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    " encipher_only decipher_only".split(),
    False,
)


class Authority(msgspec.Struct, frozen=True):
    """The root key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    root: x509.Certificate


class Wish(msgspec.Struct, frozen=True):
    """What a certificate is to say. `hosts` are names and addresses of machines, for servers."""

    names: Names
    uses: tuple[Use, ...] = ("client",)
    days: int = 365
    hosts: tuple[str, ...] = ()


def make_root(region: str, at: datetime, zones: Sequence[str] = ()) -> Authority:
    """Make a root that may issue only under the region's name, and for machines only in `zones` if any are given."""
    key = make_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, region[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"TrustMed root {at:%Y}"),
        ]
    )
    under = x509.DirectoryName(x509.Name(subject.rdns[:1]))
    permitted = [under, *map(_zone, zones)]
    certificate = (
        _builder(subject, subject, key.public_key(), at - CLOCK_SKEW, at + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_NO_USAGE | {"key_cert_sign": True, "crl_sign": True}), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def issue(authority: Authority, wish: Wish, key: PublicKey, at: datetime) -> x509.Certificate:
    """Return the certificate of this key; it does not outlive the root. Raises RootExpired, BearerUnknown."""
    root = authority.root
    if at >= root.not_valid_after_utc:
        raise RootExpired(f"{root.not_valid_after_utc:%d.%m.%Y}")
    subject = x509.Name([*root.subject.rdns[:1], _common_name(wish.names.label)])
    names = [*map(x509.UniformResourceIdentifier, uris_of(wish.names)), *map(_host, wish.hosts)]
    until = min(at + timedelta(days=wish.days), root.not_valid_after_utc)
    return (
        _builder(subject, root.subject, key, at - CLOCK_SKEW, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**_NO_USAGE | {"digital_signature": True}), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSES[use] for use in wish.uses]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def wish_of(certificate: x509.Certificate, names: Names) -> Wish:
    """Return what the certificate says, so that a renewed one says the same for as long."""
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uses: tuple[Use, ...] = tuple(use for use, oid in _PURPOSES.items() if oid in purposes)
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    hosts = [*alternative.get_values_for_type(x509.DNSName), *alternative.get_values_for_type(x509.IPAddress)]
    return Wish(names, uses, max(1, life.days), tuple(map(str, hosts)))


def make_list(
    authority: Authority, revoked: Iterable[tuple[int, datetime]], number: int, at: datetime
) -> x509.CertificateRevocationList:
    """Return a signed list of (serial number, since when)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.root.subject)
        .last_update(at)
        .next_update(at + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    for serial, since in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _common_name(text: str) -> x509.RelativeDistinguishedName:
    return x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError as error:
        raise BearerUnknown(
            f"«{text}» не имя и не адрес машины", f"{text!r} is no machine's name or address"
        ) from error


def _zone(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_network(text))
    except ValueError:
        return x509.DNSName(text)
