"""The proof that the portal itself sends a request (DPoP, RFC 9449): a token signed with the portal's own key.

It names the method and address of the request and the citizen's token, and serves once: who overhears a request can
neither repeat it nor send another one.
"""

import math
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import msgspec
from joserfc.jwk import ECKey, RSAKey

from trustmed.region.citizens.compact import NotCompact, is_signed, parse_compact
from trustmed.region.citizens.errors import ProofRefused
from trustmed.region.citizens.keys import key_of_jwk

HEADER: Final = "DPoP"
ALGORITHMS: Final = ("ES256", "RS256")
WINDOW_SECONDS: Final = 60
"""How far the portal's clock may be from ours; a proof is remembered as spent for longer."""
SHORTEST_ID, LONGEST_ID = 8, 256
PORTS: Final = {"http": 80, "https": 443}


class Sent(msgspec.Struct, frozen=True):
    """The request that came. `address`: in full, without the query."""

    method: str
    address: str
    citizen_token: str


class Proof(msgspec.Struct, frozen=True):
    """A proof that holds. `sha256` stands for it among those that are spent, until `until` (seconds since 1970)."""

    sha256: str
    until: float


def thumbprint_of(key: RSAKey | ECKey) -> str:
    """Return the thumbprint of a key (RFC 7638)."""
    return key.thumbprint()


def verify_proof(texts: Sequence[str], sent: Sent, thumbprint: str, now: float) -> Proof:
    """Return the proof, which must be the only one and of the key with this thumbprint. Raises ProofRefused."""
    if len(texts) != 1 or not texts[0]:
        raise ProofRefused("нужен ровно один заголовок DPoP", "exactly one header DPoP is needed")
    try:
        token = parse_compact(texts[0], ("dpop+jwt",), ALGORITHMS)
    except NotCompact as error:
        raise ProofRefused(*error.args) from error
    jwk = token.header.get("jwk")
    key = key_of_jwk(jwk) if isinstance(jwk, dict) else None
    if not isinstance(key, RSAKey | ECKey):
        raise ProofRefused("нет открытого ключа (jwk)", "there is no public key in it (jwk)")
    if thumbprint_of(key) != thumbprint:
        raise ProofRefused("ключ не этого портала", "the key is not this portal's")
    if not is_signed(token, key):
        raise ProofRefused("подпись неверна", "its signature is wrong")
    return _checked(token.claims, sent, thumbprint, now)


def _checked(claims: dict[str, Any], sent: Sent, thumbprint: str, now: float) -> Proof:
    if (claims.get("htm"), sent.method) not in ((sent.method, sent.method), ("HEAD", "GET")):  # HEAD is served as GET
        raise ProofRefused("оно для другого метода (htm)", "it is for another method (htm)")
    if not _is_same_address(claims.get("htu"), sent.address):
        raise ProofRefused("оно для другого адреса (htu)", "it is for another address (htu)")
    hashed = urlsafe_b64encode(sha256(sent.citizen_token.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
    if claims.get("ath") != hashed:
        raise ProofRefused("оно для другого токена гражданина (ath)", "it is for another citizen's token (ath)")
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float) or not math.isfinite(made):
        raise ProofRefused("нет времени (iat)", "it has no time (iat)")
    if abs(now - made) > WINDOW_SECONDS:
        raise ProofRefused("время не наше (iat); проверьте часы портала", "its time is off (iat); check the clock")
    name = claims.get("jti")
    if not isinstance(name, str) or not SHORTEST_ID <= len(name) <= LONGEST_ID:
        raise ProofRefused(
            f"нужен неповторимый jti, от {SHORTEST_ID} знаков", f"a unique jti of {SHORTEST_ID} characters is needed"
        )
    spent = sha256(f"{thumbprint} {name}".encode("utf-8", "surrogatepass")).hexdigest()
    return Proof(spent, made + 2 * WINDOW_SECONDS)


def _is_same_address(told: Any, address: str) -> bool:
    """Return whether both are one address; queries and fragments do not count (RFC 9449, 4.3)."""
    if not isinstance(told, str):
        return False
    try:
        return _place(urlsplit(told)) == _place(urlsplit(address))
    except ValueError:
        return False


def _place(parts: SplitResult) -> tuple[str, str, int, str]:
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0), parts.path or "/"
