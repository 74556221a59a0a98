"""The public keys of the provider of citizens' tokens: a JWKS, or PEM with keys or certificates.

Keys of an address are read when first needed, again when they are old or a token names an unknown one (at a bounded
rate, or strangers could make us flood the provider), and kept while the provider is away. A file is read again when it
has changed.
"""

import asyncio
import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from trustmed.region.citizens.compact import GostKey, PublicKey, fits
from trustmed.region.citizens.errors import ProviderAway
from trustmed.signature.algorithms import key_oid
from trustmed.signature.certificate import read_certificate
from trustmed.topology.file.citizens import Citizens

FETCH_SECONDS: Final = 3.0
LARGEST: Final = 256 * 1024  # bytes of a key set
FRESH_SECONDS: Final = 600.0
BETWEEN_FETCHES: Final = 30.0
KEPT_SECONDS: Final = 86_400.0
"""How long keys serve while the provider is away: a key it withdrew meanwhile is believed for that long at most."""
MOST_KEYS: Final = 32
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
PEM: Final = re.compile(rb"-----BEGIN ([A-Z ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
GOST_KEY: Final = "1.2.643.7.1.1.1.1"
LOG = structlog.get_logger(__name__)


class KeysBroken(Exception):
    """What was read is no set of public keys."""


class ProviderKey(msgspec.Struct, frozen=True):
    """A key by which tokens are signed; `kid` and `alg` are None where the provider does not tell them."""

    key: PublicKey
    kid: str | None = None
    alg: str | None = None

    def serves(self, algorithm: str, kid: str | None) -> bool:
        """Return whether a token of this algorithm that names this key id may be signed by the key."""
        is_named = kid is None or self.kid is None or self.kid == kid
        return is_named and self.alg in (None, algorithm) and fits(self.key, algorithm)


class ProviderKeys:
    """The keys in force. Call `find` for each token."""

    def __init__(self, citizens: Citizens, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = citizens.keys_address
        self._file = folder / citizens.keys
        self._file_version: tuple[int, int] | None = None
        self._clock = clock
        self._keys: tuple[ProviderKey, ...] = ()
        self._read_at = self._tried_at = float("-inf")
        self._cause = ""
        self._reading = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, kid: str | None) -> tuple[ProviderKey, ...]:
        """Return the keys that may have signed a token, few or none. Raises ProviderAway if there are no keys."""
        found = self._serving(algorithm, kid)
        if self._address is None:
            self._read_file()
        elif not found or self._age() > KEPT_SECONDS:
            await self._renew()
        elif self._age() > FRESH_SECONDS and self._may_try() and not self._reading.locked():
            self._renewal = asyncio.create_task(self._renew())  # nobody waits for it: the key at hand is good
        if not self._keys or self._age() > KEPT_SECONDS:
            raise ProviderAway(self._cause or "-")
        return self._serving(algorithm, kid)

    async def close(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()

    def _serving(self, algorithm: str, kid: str | None) -> tuple[ProviderKey, ...]:
        return tuple(one for one in self._keys if one.serves(algorithm, kid))

    def _age(self) -> float:
        return 0.0 if self._address is None else self._clock() - self._read_at

    def _may_try(self) -> bool:
        return self._clock() - self._tried_at >= BETWEEN_FETCHES

    async def _renew(self) -> None:
        async with self._reading:
            if not self._may_try():
                return
            self._tried_at = self._clock()
            try:
                self._keys = read_keys(await _fetch(self._address or ""))
                self._read_at, self._cause = self._clock(), ""
            except (httpx2.HTTPError, httpx2.InvalidURL, KeysBroken) as error:
                self._cause = str(error) or type(error).__name__
                LOG.warning("citizens.keys_not_renewed", address=self._address, cause=self._cause)

    def _read_file(self) -> None:
        try:
            told = self._file.stat()
            version = (told.st_mtime_ns, told.st_size)
            if version != self._file_version:
                self._keys, self._file_version, self._cause = read_keys(self._file.read_bytes()), version, ""
        except (OSError, KeysBroken) as error:
            if str(error) != self._cause:
                LOG.warning("citizens.keys_not_read", file=str(self._file), cause=str(error))
            self._cause = str(error)


def read_keys(content: bytes) -> tuple[ProviderKey, ...]:
    """Return the keys of a JWKS or of PEM. Keys of unknown kinds and for encryption are left out. Raises KeysBroken."""
    keys = tuple(_of_pem(content) if content.lstrip().startswith(b"-----BEGIN") else _of_set(content))
    if not keys:
        raise KeysBroken("no key for checking signatures is in it")
    return keys[:MOST_KEYS]


async def _fetch(address: str) -> bytes:
    """Return what the address answers; redirects are not followed. Raises HTTPError, KeysBroken."""
    content = b""
    limit = httpx2.Timeout(FETCH_SECONDS)
    async with (
        asyncio.timeout(FETCH_SECONDS),
        httpx2.AsyncClient(timeout=limit, trust_env=False) as client,
        client.stream("GET", address, headers={"Accept": "application/json"}) as answer,
    ):
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > LARGEST:
                raise KeysBroken("the key set is too large")
    return content


def _of_set(content: bytes) -> Iterator[ProviderKey]:
    try:
        told = msgspec.json.decode(content)
        listed = told["keys"]
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        raise KeysBroken("it is no JWKS") from error
    if not isinstance(listed, list):
        raise KeysBroken("it is no JWKS")
    for one in listed:
        if isinstance(one, dict) and one.get("use", "sig") == "sig" and (key := key_of_jwk(one)):
            kid, alg = one.get("kid"), one.get("alg")
            yield ProviderKey(key, kid if isinstance(kid, str) else None, alg if isinstance(alg, str) else None)


def key_of_jwk(jwk: Mapping[str, Any]) -> PublicKey | None:
    """Return the public key of a JWK; None if it is of another kind, wrong, or not public."""
    if PRIVATE & jwk.keys():
        return None
    named = {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk}
    try:
        if named.get("kty") == "RSA":
            return RSAKey.import_key(named)
        if named.get("kty") == "EC" and named.get("crv") == "P-256":
            return ECKey.import_key(named)
        if isinstance(chain := jwk.get("x5c"), list) and chain:
            return _of_spki(read_certificate(b64decode(chain[0])).spki)
    except (JoseError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return None


def _of_pem(content: bytes) -> Iterator[ProviderKey]:
    for label, body in PEM.findall(content):
        try:
            der = b64decode(body)
            spki = read_certificate(der).spki if label == b"CERTIFICATE" else der
            if label in (b"CERTIFICATE", b"PUBLIC KEY") and (key := _of_spki(spki)):
                yield ProviderKey(key)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeysBroken(f"its PEM cannot be read: {error}") from error


def _of_spki(spki: bytes) -> PublicKey | None:
    """Return the key of a SubjectPublicKeyInfo. Raises ValueError."""
    if key_oid(spki) == GOST_KEY:
        return GostKey(spki)
    pem = load_der_public_key(spki).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for kind in (RSAKey, ECKey):
        try:
            return kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
    return None
