"""Read the key by which a portal proves its requests, to bind the portal to it."""

from pathlib import Path

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from trustmed.errors import InputRefused
from trustmed.region.citizens.keys import PRIVATE, KeysBroken, key_of_jwk, read_keys


class PortalKeyRefused(InputRefused):
    """The file holds no public key by which a portal can prove its requests."""

    def __init__(self) -> None:
        super().__init__(
            "Нужен один открытый ключ портала: EC P-256 или RSA от 2048 бит, PEM (ключ, сертификат) или JWK без "
            "закрытой части.",
            "One public key of the portal is needed: EC P-256 or RSA of 2048 bits or more, as PEM (key, certificate) "
            "or as a JWK without its private part.",
        )


def thumbprint_in(content: bytes) -> str:
    """Return the thumbprint (RFC 7638) of the only public key in a file. Raises PortalKeyRefused."""
    try:
        if content.lstrip().startswith(b"{"):
            jwk = msgspec.json.decode(content, type=dict)
            found = [None if PRIVATE & jwk.keys() else key_of_jwk(jwk)]
        else:
            found = [one.key for one in read_keys(content)]
    except (msgspec.DecodeError, KeysBroken, JoseError) as error:
        raise PortalKeyRefused from error
    if len(found) != 1 or not isinstance(found[0], RSAKey | ECKey):
        raise PortalKeyRefused
    return found[0].thumbprint()


def read_portal_key(file: Path) -> str:
    """Return the thumbprint of the key in a file. Raises PortalKeyRefused."""
    try:
        return thumbprint_in(file.read_bytes())
    except OSError as error:
        raise PortalKeyRefused from error
