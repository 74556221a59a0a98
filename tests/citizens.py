"""A provider of citizens' tokens and a portal that presents them, for tests. It shares no code with what it tests."""

import json
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from trustmed.topology.file.citizens import Citizens

ISSUER: Final = "https://provider.test/"
AUDIENCE: Final = "the portal at the provider"
LEVEL: Final = "confirmed"
AS: Final = "as-citizen"
"""A header that tests write with a СНИЛС: the tests' portal puts the citizen's token and its proof in its place."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Named(msgspec.Struct, frozen=True):
    """What the provider knows of somebody. The default is whom `RegionStand.add_citizen` adds."""

    surname: str = "Проверкина"
    given_name: str = "Алиса"
    patronymic: str | None = None
    birth_date: str = "1980-05-05"
    sub: str = "1000299654"


class Signer:
    """A key pair that signs tokens: the provider's, or a portal's own."""

    def __init__(self, key: PrivateKey | None = None, kid: str | None = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.kid = kid
        self.algorithm = "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        if isinstance(numbers, ec.EllipticCurvePublicNumbers):
            return {"crv": "P-256", "kty": "EC", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}
        return {"e": number(numbers.e), "kty": "RSA", "n": number(numbers.n)}

    @property
    def secret(self) -> int:
        """The private number of an EC key."""
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)
        return self.key.private_numbers().private_value

    @property
    def thumbprint(self) -> str:
        return encoded(sha256(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()).digest())

    def sign(self, header: dict[str, Any], claims: dict[str, Any] | bytes) -> str:
        """Return a compact JWS; `header` overrides what stands in it by default, None leaves a parameter out."""
        told = {"alg": self.algorithm, "typ": "JWT", "kid": self.kid} | header
        text = json.dumps({name: one for name, one in told.items() if one is not None}).encode()
        body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = f"{encoded(text)}.{encoded(body)}"
        return f"{signed}.{encoded(self.signature(signed.encode()))}"

    def signature(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        first, second = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return first.to_bytes(32, "big") + second.to_bytes(32, "big")


PROVIDER: Final = Signer(kid="first")
PORTAL: Final = Signer()


def set_up(folder: Path) -> Citizens:
    """Write the provider's keys beside the topology; return the setting of the region that trusts it."""
    (folder / "provider.json").write_text(json.dumps(key_set(PROVIDER)), "utf-8")
    return Citizens(issuer=ISSUER, keys="provider.json", levels=(LEVEL,))


def key_set(*signers: Signer) -> dict[str, Any]:
    return {"keys": [{**one.jwk, "kid": one.kid, "use": "sig", "alg": one.algorithm} for one in signers]}


def claims(snils: str, named: Named | None = None, **more: Any) -> dict[str, Any]:
    """Return the claims of a citizen's token; `more` overrides them, None leaves a claim out."""
    who, now = named or Named(), int(time.time())
    told = {
        **{"iss": ISSUER, "aud": AUDIENCE, "sub": who.sub, "iat": now, "exp": now + 600, "nonce": uuid4().hex},
        **{"snils": snils, "family_name": who.surname, "given_name": who.given_name, "middle_name": who.patronymic},
        **{"birthdate": who.birth_date, "acr": LEVEL, **more},
    }
    return {name: one for name, one in told.items() if one is not None}


def token(snils: str, named: Named | None = None, *, header: dict[str, Any] | None = None, **more: Any) -> str:
    """Return a token of the citizen, given to the portal."""
    return PROVIDER.sign(header or {}, claims(snils, named, **more))


def proof(
    method: str,
    address: str,
    citizen_token: str,
    *,
    by: Signer = PORTAL,
    header: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return the portal's proof of a request; `more` overrides its claims, None leaves a claim out."""
    told = {
        **{"htm": method, "htu": bare(address), "iat": int(time.time()), "jti": uuid4().hex},
        **{"ath": encoded(sha256(citizen_token.encode()).digest()), **more},
    }
    content = {name: one for name, one in told.items() if one is not None}
    return by.sign({"typ": "dpop+jwt", "jwk": by.jwk, "kid": None, **(header or {})}, content)


def present(method: str, address: str, citizen_token: str) -> dict[str, str]:
    """Return the headers by which the portal presents a citizen's token with a request."""
    return {"X-Citizen-Token": citizen_token, "DPoP": proof(method, address, citizen_token)}


async def present_citizen(request: Any) -> None:
    """Put the citizen's token and the portal's proof where a test's request says whom it is for: an httpx hook."""
    snils = request.headers.pop(AS, None)
    if snils is not None:
        for name, value in present(request.method, str(request.url), token(snils)).items():
            request.headers[name] = value


def bare(address: str) -> str:
    """Return an address without its query."""
    return urlsplit(address)._replace(query="", fragment="").geturl()


def number(value: int, size: int | None = None) -> str:
    return encoded(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
