"""Take a compact JWS (RFC 7515) apart, strictly, and check its signature. Nothing in it is believed before that.

`joserfc` computes the signatures of RFC 7518. What it reads leniently is refused here first: duplicate keys, header
parameters that must be understood, kinds of tokens that are not asked for, and anything too large.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from trustmed.signature import gost_engine
from trustmed.signature.gost import gost_available

LONGEST: Final = 8192  # bytes; ЕСИА's tokens have about 1,500
SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
LEAST_RSA_BITS: Final = 2048


class NotCompact(Exception):
    """The text is no token that could be accepted; `args` say why, in Russian and English."""


class GostKey(msgspec.Struct, frozen=True):
    """A public key of ГОСТ Р 34.10-2012, 256 bits: its SubjectPublicKeyInfo."""

    spki: bytes


PublicKey = RSAKey | ECKey | GostKey


class Compact(msgspec.Struct, frozen=True):
    """A token whose signature has not been checked yet."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def algorithm(self) -> str:
        return self.header["alg"]


class _Registry(jws.JWSRegistry):
    max_header_length = LONGEST


def parse_compact(text: str, kinds: Sequence[str | None], algorithms: Sequence[str]) -> Compact:
    """Return header and claims. `kinds`: what `typ` may be, in small letters; None: it may be absent.

    Raises NotCompact.
    """
    if len(text) > LONGEST:
        raise NotCompact("он длиннее 8 КБ", "it is longer than 8 KB")
    if not SHAPE.fullmatch(text):
        raise NotCompact("это не JWS из трёх частей", "it is no JWS of three parts")
    header, claims = (_object(part) for part in text.split(".")[:2])
    kind = header.get("typ")
    if not (kind is None or isinstance(kind, str)) or (kind.lower() if kind else None) not in kinds:
        raise NotCompact("токен другого вида (typ)", "it is another kind of token (typ)")
    if "crit" in header or "b64" in header:
        raise NotCompact("в заголовке неизвестное обязательное (crit)", "its header demands the unknown (crit)")
    if header.get("alg") not in algorithms:
        raise NotCompact("алгоритм подписи не разрешён (alg)", "the algorithm of its signature is not allowed (alg)")
    return Compact(text, header, claims)


def is_signed(token: Compact, key: PublicKey) -> bool:
    """Return whether the token was signed with the key, whose kind must be that of the token's algorithm."""
    if isinstance(key, GostKey):
        return token.algorithm == "GOST3410_2012_256" and _is_signed_by_gost(token.text, key)
    if not fits(key, token.algorithm):
        return False
    registry = _Registry(algorithms=[token.algorithm], strict_check_header=False)
    try:
        jws.deserialize_compact(token.text, key, registry=registry)
    except (JoseError, ValueError):
        return False
    return True


def fits(key: PublicKey, algorithm: str) -> bool:
    """Return whether a key may be used with the algorithm: a public RSA key is no secret of HMAC."""
    if isinstance(key, GostKey):
        return algorithm == "GOST3410_2012_256"
    if isinstance(key, RSAKey):
        return algorithm == "RS256" and key.public_key.key_size >= LEAST_RSA_BITS
    return algorithm == "ES256" and key.curve_name == "P-256"


def _is_signed_by_gost(text: str, key: GostKey) -> bool:
    if not gost_available().ok:
        return False
    signed, _, signature = text.rpartition(".")
    try:
        return gost_engine.verify(256, key.spki, _bytes(signature), signed.encode("ascii"))
    except (gost_engine.EngineError, NotCompact):
        return False


def _object(part: str) -> dict[str, Any]:
    """Decode a part; every name in it stands once."""
    try:
        found = json.loads(_bytes(part), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotCompact("его часть не JSON", "a part of it is no JSON") from error
    if not isinstance(found, dict):
        raise NotCompact("его часть не объект JSON", "a part of it is no JSON object")
    return found


def _bytes(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise NotCompact("его часть не base64url", "a part of it is no base64url") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCompact("имя повторяется (дубль ключа)", "a name stands twice (duplicate key)")
    return found


def _refuse_constant(name: str) -> Any:
    raise NotCompact("число не число", f"{name} is no number of JSON")
